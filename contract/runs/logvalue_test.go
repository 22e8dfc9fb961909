package runs_test

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a struct says in JSON it says in a log line as well.
func TestEveryFieldIsLogged(t *testing.T) {
	for _, bare := range []slog.LogValuer{gocron.RunInfo{}, gocron.Stats{}, gocron.JobStats{}, gocron.Explanation{Limit: 2}} {
		of := reflect.TypeOf(bare)
		for i := range of.NumField() {
			name := of.Name() + "." + of.Field(i).Name
			if name == "RunInfo.Transient" { // which only metrics ask for
				continue
			}
			filled := reflect.New(of).Elem()
			filled.Set(reflect.ValueOf(bare))
			fill(t, filled.Field(i))
			assert.NotEqual(t, bare.LogValue().String(), filled.Interface().(slog.LogValuer).LogValue().String(), name)
		}
	}
}

// fill sets v to something else than its zero value.
func fill(t *testing.T, v reflect.Value) {
	if _, is := v.Interface().(time.Time); is {
		v.Set(reflect.ValueOf(time.Unix(1, 0)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int8:
		v.SetInt(1)
	case reflect.Uint, reflect.Uint64, reflect.Uint8, reflect.Uint32:
		v.SetUint(1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.Array:
		fill(t, v.Index(v.Len()-1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key)
		fill(t, value)
		v.SetMapIndex(key, value)
	case reflect.Struct:
		fill(t, v.Field(0))
	case reflect.Interface:
		v.Set(reflect.ValueOf(errors.New("x")))
	default:
		require.Fail(t, fmt.Sprintf("no value for a %s", v.Type()))
	}
}
