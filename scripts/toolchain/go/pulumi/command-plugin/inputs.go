package main

// Reading inputs: plain values out of property maps, secret or not.

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// plain takes the secret wrapping off; it does not look inside lists and objects.
func plain(value resource.PropertyValue) resource.PropertyValue {
	for value.IsSecret() {
		value = value.SecretValue().Element
	}
	return value
}

func textOf(inputs resource.PropertyMap, key resource.PropertyKey) (string, bool) {
	value := plain(inputs[key])
	if !value.IsString() {
		return "", false
	}
	return value.StringValue(), true
}

func wholeOf(inputs resource.PropertyMap, key resource.PropertyKey, otherwise int) int {
	value := plain(inputs[key])
	if !value.IsNumber() {
		return otherwise
	}
	return int(value.NumberValue())
}

func flagOf(inputs resource.PropertyMap, key resource.PropertyKey, otherwise bool) bool {
	value := plain(inputs[key])
	if !value.IsBool() {
		return otherwise
	}
	return value.BoolValue()
}

func listOf(inputs resource.PropertyMap, key resource.PropertyKey) []string {
	value := plain(inputs[key])
	if !value.IsArray() {
		return nil
	}
	var texts []string
	for _, element := range value.ArrayValue() {
		if text := plain(element); text.IsString() {
			texts = append(texts, text.StringValue())
		}
	}
	return texts
}

// pairsOf gives NAME=value for each entry, in the order of the names.
func pairsOf(inputs resource.PropertyMap, key resource.PropertyKey) []string {
	value := plain(inputs[key])
	if !value.IsObject() {
		return nil
	}
	var pairs []string
	for _, name := range value.ObjectValue().StableKeys() {
		if text, ok := textOf(value.ObjectValue(), name); ok {
			pairs = append(pairs, string(name)+"="+text)
		}
	}
	return pairs
}

// objectOf gives an object's values; ok is false where there is none.
func objectOf(inputs resource.PropertyMap, key resource.PropertyKey) (object resource.PropertyMap, ok bool) {
	value := plain(inputs[key])
	if !value.IsObject() {
		return nil, false
	}
	return value.ObjectValue(), true
}
