// Package wangge holds the contract, so that the program carries it along.
package wangge

import _ "embed"

// Contract is openapi.yaml, the authority on the API.
//
//go:embed openapi.yaml
var Contract []byte
