package main

// What this stand-in stands in for, what it leaves out, and how to get the real one.

import "fmt"

const version = "1.2.1"

// leftOut is the text of every refusal. "--reinstall", because this very file stands where the real one goes.
func leftOut(what string) string {
	return fmt.Sprintf("%s is left out: natsby's STAND-IN for the Pulumi plugin command %s has only command:local:Command "+
		"(without assetPaths and archivePaths), command:remote:Command and command:remote:CopyToRemote. To get the real one: pulumi plugin install resource command %s --reinstall",
		what, version, version)
}
