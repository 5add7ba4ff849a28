// Package web holds the static files that the program serves.
package web

import (
	"embed"
	"io/fs"
)

//go:embed docs
var files embed.FS

// Docs is the page that shows the contract: Redoc 2.5.4 (MIT, docs/LICENSE.txt)
// and what starts it. It asks this server only.
var Docs = sub("docs")

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return f
}
