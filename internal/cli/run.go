package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Version is set by the build (-ldflags -X); otherwise the module's version stands.
var Version = ""

func version() string {
	if Version != "" {
		return Version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "0.1.0-dev"
}

// streams are the command's own in- and output.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Run runs the program and returns its exit code. The end of ctx is a signal: a scan stops calling, writes what it has
// and marks it incomplete.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot(streams{stdin, stdout, stderr})
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var code *codeError
	if err != nil && !errors.As(err, &code) {
		_, _ = fmt.Fprintln(stderr, "ourshare: "+err.Error()) // there is nowhere else to say it
	}
	return exitCode(ctx, err)
}

func newRoot(io streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "ourshare",
		Short: "Audits the customer's share of a live AWS account",
		Long: "ourshare reads an AWS account through AWS's own read-only APIs, verifies the customer's share of the shared\n" +
			"responsibility model layer by layer, and writes a findings report. What it could not read it calls unknown.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneOf("command", args[0], commandNames(cmd))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.err)
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(newScan(io), newEvaluate(io), newReport(io), newDiff(io), newReach(io), newWhoCan(io), newChecks(io), newAttest(io), newConfig(io), newIAMPolicy(io), newSchema(io), newVersion(io))
	root.SetFlagErrorFunc(flagError)
	return root
}

func commandNames(cmd *cobra.Command) []string {
	names := []string{"help", "completion"}
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return names
}

var unknownFlag = regexp.MustCompile(`^unknown flag: --([^ =]+)`)

// flagError makes every fault of a flag the user's, and names the nearest flag.
func flagError(cmd *cobra.Command, err error) error {
	if m := unknownFlag.FindStringSubmatch(err.Error()); m != nil {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		return usagef("no such flag: --%s; did you mean --%s?", m[1], nearest(m[1], names))
	}
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return usagef("%s", err)
	}
	f := wrong.GetFlag()
	switch f.Value.Type() {
	case "int", "int32", "int64":
		return usagef("--%s %q: it is no whole number", f.Name, wrong.GetValue())
	case "duration":
		return usagef("--%s %q: it is no time such as 10m or 1h30m", f.Name, wrong.GetValue())
	case "bool":
		return usagef("--%s %q: it is neither true nor false", f.Name, wrong.GetValue())
	}
	return usagef("--%s %q: %s", f.Name, wrong.GetValue(), wrong.Unwrap())
}

// noArgs refuses arguments as the user's mistake.
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("this command takes no argument: %q", args[0])
	}
	return nil
}

// oneFile asks for exactly one argument.
func oneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("this command takes one argument, a file")
	}
	return nil
}

func newVersion(io streams) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(io.out, "ourshare "+version())
			return err
		},
	}
}
