package templatecheck

import (
	"reflect"
	"slices"
	"strings"
)

// member is the type of a field, of what a method gives, or of a map's value; nil
// where it is not known.
func member(t reflect.Type, name string) (reflect.Type, bool) {
	if m, ok := method(t, name); ok {
		return m.Type.Out(0), true
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		f, ok := t.FieldByName(name)
		return f.Type, ok && f.IsExported()
	case reflect.Map:
		return t.Elem(), t.Key().Kind() == reflect.String
	case reflect.Interface:
		return nil, true
	}
	return nil, false
}

func method(t reflect.Type, name string) (reflect.Method, bool) {
	m, ok := t.MethodByName(name)
	if !ok && t.Kind() != reflect.Pointer {
		m, ok = reflect.PointerTo(t).MethodByName(name)
	}
	return m, ok && m.Type.NumOut() > 0
}

// members names what a type has.
func members(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var names []string
	if t.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(t) {
			if f.IsExported() && !f.Anonymous {
				names = append(names, "."+f.Name)
			}
		}
	}
	p := reflect.PointerTo(t)
	for i := range p.NumMethod() {
		names = append(names, "."+p.Method(i).Name)
	}
	if len(names) == 0 {
		return "none"
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
