package transfer

import (
	"encoding/json"
	"fmt"
)

// A Key is a row's key: int64, string or []byte each.
type Key []any

// A part is one value of a key in JSON, which tells text from bytes and keeps
// all digits of a number.
type part struct {
	Int   *int64  `json:"i,omitempty"`
	Text  *string `json:"t,omitempty"`
	Bytes []byte  `json:"b,omitempty"`
}

// MarshalJSON writes a key for UnmarshalJSON.
func (k Key) MarshalJSON() ([]byte, error) {
	parts := make([]part, len(k))
	for i, v := range k {
		switch v := v.(type) {
		case int64:
			parts[i].Int = &v
		case string:
			parts[i].Text = &v
		case []byte:
			parts[i].Bytes = v
		default:
			return nil, fmt.Errorf("a key with a %T", v)
		}
	}
	return json.Marshal(parts)
}

// UnmarshalJSON reads what MarshalJSON wrote; an empty key is nil.
func (k *Key) UnmarshalJSON(b []byte) error {
	var parts []part
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	*k = nil
	for _, p := range parts {
		switch {
		case p.Int != nil:
			*k = append(*k, *p.Int)
		case p.Text != nil:
			*k = append(*k, *p.Text)
		default:
			*k = append(*k, p.Bytes)
		}
	}
	return nil
}
