package main

// What inputs must look like. Values that are not known yet pass: they are checked again when they are.

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// shape is what one input must be.
type shape struct {
	name string
	fits func(resource.PropertyValue) bool
}

var (
	aText     = shape{"a string", resource.PropertyValue.IsString}
	aNumber   = shape{"a number", resource.PropertyValue.IsNumber}
	aFlag     = shape{"a boolean", resource.PropertyValue.IsBool}
	aTextList = shape{"a list of strings", func(v resource.PropertyValue) bool { return v.IsArray() && allTexts(v.ArrayValue()) }}
	aTextMap  = shape{"a map of strings", func(v resource.PropertyValue) bool { return v.IsObject() && allTexts(valuesOf(v)) }}
)

// misfits names each input that has another shape than it must have.
func misfits(inputs resource.PropertyMap, shapes map[resource.PropertyKey]shape) []plugin.CheckFailure {
	var failures []plugin.CheckFailure
	for _, key := range inputs.StableKeys() {
		value, want := plain(inputs[key]), shapes[key]
		if want.fits == nil || value.IsNull() || value.IsComputed() || want.fits(value) {
			continue
		}
		reason := fmt.Sprintf("%s must be %s, not %s", key, want.name, value.TypeString())
		failures = append(failures, plugin.CheckFailure{Property: key, Reason: reason})
	}
	return failures
}

func allTexts(values []resource.PropertyValue) bool {
	for _, value := range values {
		if text := plain(value); !text.IsString() && !text.IsComputed() && !text.IsNull() {
			return false
		}
	}
	return true
}

func valuesOf(object resource.PropertyValue) []resource.PropertyValue {
	var values []resource.PropertyValue
	for _, value := range object.ObjectValue() {
		values = append(values, value)
	}
	return values
}
