package conformance

import (
	"io"
	"net"
	"testing"
	"time"
)

// echo is a server that sends back what it gets.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(conn, conn); conn.Close() }()
		}
	}()
	return listener.Addr().String()
}

// What is sent through a relay that is cut arrives when it is healed, on connections
// made before and after the cut.
func TestRelay(t *testing.T) {
	r, err := newRelay(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", r.addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	answered := func(conn net.Conn, within time.Duration) bool {
		conn.SetReadDeadline(time.Now().Add(within))
		_, err := conn.Read(make([]byte, 1))
		return err == nil
	}
	before := dial()
	before.Write([]byte("a"))
	if !answered(before, patience) {
		t.Fatal("nothing gets through")
	}
	r.cut()
	after := dial()
	for _, conn := range []net.Conn{before, after} {
		conn.Write([]byte("b"))
		if answered(conn, 50*time.Millisecond) {
			t.Error("an answer got through the cut")
		}
	}
	r.heal()
	for _, conn := range []net.Conn{before, after} {
		if !answered(conn, patience) {
			t.Error("nothing gets through when it is healed")
		}
	}
}

// A relay that refuses breaks its connections and takes no more, and one with a delay
// hands answers on after it.
func TestRelayRefuses(t *testing.T) {
	r, err := newRelay(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	r.delay.Store(int64(20 * time.Millisecond))
	for range 2 {
		conn, err := net.Dial("tcp", r.addr())
		if err != nil {
			t.Fatal(err)
		}
		sent := time.Now()
		conn.Write([]byte("a"))
		if _, err := conn.Read(make([]byte, 1)); err != nil || time.Since(sent) < 20*time.Millisecond {
			t.Errorf("an answer after %v: %v", time.Since(sent), err)
		}
		r.refuse()
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("the connection is not broken")
		}
		if _, err := net.Dial("tcp", r.addr()); err == nil {
			t.Error("a connection is taken")
		}
		if err := r.listen(); err != nil {
			t.Fatal(err)
		}
	}
}
