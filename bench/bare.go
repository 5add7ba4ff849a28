package main

import (
	"bufio"
	"flag"
	"os"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// serveBare answers every path with the bytes of a file, on a server with the
// settings that the program's has.
func serveBare(args []string) error {
	fs := flag.NewFlagSet("bare", flag.ContinueOnError)
	listen, file := fs.String("listen", "", "address"), fs.String("file", "", "bytes to answer")
	if err := fs.Parse(args); err != nil {
		return err
	}
	body, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	app := bareApp()
	app.Get("/v1/cells/at", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Send(body)
	})
	return app.Listen(*listen)
}

func bareApp() *fiber.App {
	return fiber.New(fiber.Config{
		DisableStartupMessage: true, Immutable: true, StrictRouting: true, CaseSensitive: true,
		StreamRequestBody: true, DisablePreParseMultipartForm: true, BodyLimit: 1 << 20, ReadTimeout: 60 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 2 * time.Minute,
	})
}

// serveBareStreams has everybody who listens told what is posted, in a loop over a channel for each.
func serveBareStreams(args []string) error {
	fs := flag.NewFlagSet("bare-streams", flag.ContinueOnError)
	listen := fs.String("listen", "", "address")
	if err := fs.Parse(args); err != nil {
		return err
	}
	var mu sync.Mutex
	to := map[chan []byte]bool{}
	app := bareApp()
	app.Server().WriteTimeout = 0 // a stream has no end
	app.Get("/v1/events", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "text/event-stream")
		mine := make(chan []byte, 16)
		mu.Lock()
		to[mine] = true
		mu.Unlock()
		c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
			_, err := w.WriteString("retry: 3000\n\n")
			for err = w.Flush(); err == nil; err = w.Flush() {
				if _, err = w.Write(<-mine); err != nil {
					break
				}
			}
			mu.Lock()
			delete(to, mine)
			mu.Unlock()
		})
		return nil
	})
	app.Post("/v1/fire", func(c *fiber.Ctx) error {
		text := append([]byte(nil), c.Body()...)
		mu.Lock()
		defer mu.Unlock()
		for each := range to {
			select {
			case each <- text:
			default: // of a client that is gone
			}
		}
		return c.SendStatus(fiber.StatusNoContent)
	})
	return app.Listen(*listen)
}
