package inventory

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	opForm    = regexp.MustCompile(`^([a-z0-9-]+):([A-Z][A-Za-z0-9]+)$`)
	paginator = regexp.MustCompile(`^New([A-Z][A-Za-z0-9]+)Paginator$`)
)

// In every file of a dataset, the operations that it declares are those whose client methods it calls: found in the
// source, so that a call on a path that no test takes is found as well.
func TestDeclaredIsCalledInTheSource(t *testing.T) {
	files, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	declaring := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		declared, called := operationsOf(t, file)
		if len(declared) > 0 {
			declaring++
		}
		service := filepath.Base(filepath.Dir(file))
		if filepath.Base(file) == "regions.go" && service == "ec2" {
			declared["DescribeRegions"] = true // awsapi.RegionOps
		}
		for op := range called {
			if !declared[op] {
				t.Errorf("%s calls %s and does not declare it", file, op)
			}
		}
		for op := range declared {
			if !called[op] {
				t.Errorf("%s declares %s and does not call it", file, op)
			}
		}
	}
	if declaring < 10 {
		t.Errorf("only %d files declare operations: this test looks in the wrong place", declaring)
	}
}

func operationsOf(t *testing.T, file string) (declared, called map[string]bool) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), file, src, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared, called = map[string]bool{}, map[string]bool{}
	clients := map[string]bool{} // variables that hold a client
	ast.Inspect(f, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Rhs) == 1 && isClient(a.Rhs[0], nil) {
			if id, ok := a.Lhs[0].(*ast.Ident); ok {
				clients[id.Name] = true
			}
		}
		if field, ok := n.(*ast.Field); ok { // a parameter of a client's interface: api reportAPI
			if id, ok := field.Type.(*ast.Ident); ok && strings.HasSuffix(id.Name, "API") {
				for _, name := range field.Names {
					clients[name.Name] = true
				}
			}
		}
		return true
	})
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if m := paginator.FindStringSubmatch(sel.Sel.Name); m != nil {
			called[m[1]] = true
		}
		if isClient(sel.X, clients) && sel.Sel.Name != "Options" {
			called[sel.Sel.Name] = true
		}
		if sel.Sel.Name == "Calls" || sel.Sel.Name == "And" {
			if lit, ok := call.Args[0].(*ast.BasicLit); ok {
				text, _ := strconv.Unquote(lit.Value)
				if m := opForm.FindStringSubmatch(text); m != nil {
					declared[m[2]] = true
				}
			}
		}
		return true
	})
	return declared, called
}

// isClient: a call of a function whose name ends in client (client(s), controlClient(s)), or a variable that holds one.
func isClient(e ast.Expr, vars map[string]bool) bool {
	switch x := e.(type) {
	case *ast.CallExpr:
		id, ok := x.Fun.(*ast.Ident)
		return ok && strings.HasSuffix(strings.ToLower(id.Name), "client")
	case *ast.Ident:
		return vars[x.Name]
	}
	return false
}
