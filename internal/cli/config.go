package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/config"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/exceptions"
)

// ConfigSchema is the JSON Schema of ourshare.yaml.
func ConfigSchema() ([]byte, error) { return config.Schema(engine.Known(catalog.All())) }

// ExceptionsSchema is the JSON Schema of the exceptions file.
func ExceptionsSchema() ([]byte, error) { return exceptions.Schema(knownToExceptions()) }

// loadConfig reads the named file, or the default one; where there is none the defaults stand.
func loadConfig(path string) (config.Config, error) {
	if path == "" {
		if _, err := os.Stat(config.DefaultFile); errors.Is(err, fs.ErrNotExist) {
			return config.Default(), nil
		}
		path = config.DefaultFile
	}
	cfg, err := config.Load(path, engine.Known(catalog.All()))
	if err != nil {
		return cfg, fileError(path, err)
	}
	return cfg, nil
}

// limit takes the configuration's limits where the command line gives none.
func (o *scanOptions) limit(l config.Limits, flags *pflag.FlagSet) {
	if !flags.Changed("concurrency") {
		o.concurrent = l.Concurrency
	}
	if !flags.Changed("max-api-calls") {
		o.maxCalls = l.MaxAPICalls
	}
	if !flags.Changed("timeout") {
		o.timeout = l.Timeout
	}
}

func newConfig(streams streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: "Write and check configuration files",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneOf("command", args[0], []string{"init", "validate"})
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigInit(streams), newConfigValidate(streams))
	return cmd
}

func newConfigInit(streams streams) *cobra.Command {
	out := ""
	cmd := &cobra.Command{
		Use: "init", Short: "Write a documented configuration with every key and its default", Args: noArgs,
		Long: "Writes a file in which every key stands as a comment with its default. As it is, it changes nothing.",
		RunE: func(*cobra.Command, []string) error {
			text := config.Template(engine.Known(catalog.All()))
			if out == "-" {
				_, err := streams.out.Write(text)
				return err
			}
			if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
				return usagef("--out %s: it exists already", out)
			}
			if info, err := os.Stat(filepath.Dir(out)); err != nil || !info.IsDir() {
				return usagef("--out %s: its directory does not exist", out)
			}
			return writeFile(out, func(w io.Writer) error {
				_, err := w.Write(text)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "-", "write this file, which must not exist; - is standard output")
	return cmd
}

func newConfigValidate(streams streams) *cobra.Command {
	exceptionsPath := ""
	cmd := &cobra.Command{
		Use: "validate [FILE]", Short: "Check a configuration, and an exceptions file with --exceptions",
		Long: "Checks FILE, else " + config.DefaultFile + " in the working directory; and the file of --exceptions, else\n" +
			exceptions.DefaultFile + " in the working directory, where there is one. Exit code 2 where something is wrong.",
		Args: atMostOneFile,
		RunE: func(_ *cobra.Command, args []string) error {
			return validateFiles(streams.out, args, exceptionsPath)
		},
	}
	exceptionsFlag(cmd, &exceptionsPath)
	return cmd
}

// atMostOneFile takes one argument, or none.
func atMostOneFile(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("this command takes at most one argument, a file: %q", args[1])
	}
	return nil
}

func validateFiles(out io.Writer, args []string, exceptionsPath string) error {
	path := ""
	if len(args) > 0 {
		path = args[0]
	}
	cfg, err := loadConfig(path)
	if err != nil {
		return err
	}
	f, err := loadExceptions(exceptionsPath)
	if err != nil {
		return err
	}
	if path == "" {
		path = config.DefaultFile
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			if f == nil {
				return usagef("there is nothing to check: neither %s nor %s in the working directory", config.DefaultFile, exceptions.DefaultFile)
			}
			path = ""
		}
	}
	if path != "" {
		if _, err := fmt.Fprintf(out, "%s: valid (digest %s)\n", path, cfg.Digest()); err != nil {
			return err
		}
	}
	if f == nil {
		return nil
	}
	if exceptionsPath == "" {
		exceptionsPath = exceptions.DefaultFile
	}
	_, err = fmt.Fprintf(out, "%s: valid (%d %s, %d %s)\n", exceptionsPath,
		len(f.Suppressions), plural(len(f.Suppressions), "suppression", "suppressions"),
		len(f.Attestations), plural(len(f.Attestations), "attestation", "attestations"))
	return err
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
