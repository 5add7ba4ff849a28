// Package web holds what npm builds for browsers (`make console`): console/ from
// the sources beside, and docs/, the page that shows the contract. Where it was
// not built there is nothing in it, and the program says so.
//
// In built/console, index.html is the console's page and map.html the public
// map's; what they load lies in assets/, named by its content. Files are
// compressed ahead: x.br and x.gz beside x. csp.json says which style elements
// the scripts write, {"style": ["'sha256-…'"]}: the content security policy
// names them.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:built
var files embed.FS

// Console is the managers' console and the public map; Docs is the page that
// shows the contract. They ask this server only.
var Console, Docs = sub("built/console"), sub("built/docs")

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the name is well formed
	}
	return f
}
