//go:build go1.25

package model_test

// The stations of calls of a scheduler's methods that tell a monitor which takes its time.
const (
	stationRegister = "registering"
	stationStart    = "starting"
)

// A modelCall is a NewJob, Update or Start that has not returned. There is one at most.
type modelCall struct {
	visit modelVisit
	fate  modelFate
	then  func()
}

func (c *modelCall) ends() modelInstant { return c.visit.arrived + c.fate.stay }

// tellSlowly does what follows a call of the monitor, now or when the monitor is done.
func (m *modelScheduler) tellSlowly(label int, station string, then func()) {
	if !m.program.setup.slow {
		then()
		return
	}
	m.tell(label, station, 0, 0)
	fate := m.program.fate(&modelSpec{label: label}, station, m.now)
	m.call = &modelCall{modelVisit{label: label, station: station, arrived: m.now}, fate, then}
}

// endCall is the end of a call.
func (m *modelScheduler) endCall() {
	then := m.call.then
	m.call = nil
	then()
	m.settle()
}

// slowly does a step whose call of the monitor may take its time: time passes until it
// returns.
func (d *modelDriver) slowly(st *modelStep) {
	call := func() error { return d.onWorld(st) }
	if st.action == actUpdate {
		id := d.id(st.label) // which notes something that the model needs
		call = func() error { return d.world.put(&st.spec, id, true) }
	}
	returned := make(chan error, 1)
	go func() { returned <- call() }()
	want := d.onModel(st)
	d.settle()
	for d.failure == "" && d.model.call != nil {
		d.arriveAt(d.model.nextInstant())
	}
	if d.failure == "" {
		d.checkError(<-returned, want)
	}
}

// endCall ends the call that goes on, if its time is over. It reports whether it has.
func (d *modelDriver) endCall() bool {
	call := d.model.call
	if call == nil || call.ends() > d.model.now {
		return false
	}
	d.world.end(call.visit, call.fate.ending)
	d.model.endCall()
	return true
}
