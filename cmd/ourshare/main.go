// Command ourshare audits the customer's share of a live AWS account.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/ourshare/ourshare/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
