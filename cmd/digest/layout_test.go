package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "verdicts.example/digest/"

// The import graph is the one that docs/flow.md draws.
func TestImportsFollowThePicture(t *testing.T) {
	t.Parallel()
	allowed := picture(t, "../../docs/flow.md")
	for pkg, imports := range packages(t) {
		may, ok := allowed[pkg]
		if !ok {
			t.Errorf("docs/flow.md does not know package %s", pkg)
			continue
		}
		for _, imp := range imports {
			if !slices.Contains(may, imp) {
				t.Errorf("%s imports %s, which docs/flow.md does not allow", pkg, imp)
			}
		}
		delete(allowed, pkg)
	}
	for pkg := range allowed {
		t.Errorf("docs/flow.md names %s, which does not exist", pkg)
	}
}

// Domain packages know nothing of SQL, HTTP or SMTP.
func TestDomainPackagesImportNoTechnology(t *testing.T) {
	t.Parallel()
	domain := []string{"subscribers", "internal/comparison", "internal/edition", "internal/render", "internal/message", "internal/delivery", "internal/check", "internal/pipeline"}
	banned := []string{"database/sql", "net/http", "net/smtp", "github.com/mattn/go-sqlite3", "github.com/wneessen/go-mail", "github.com/emersion/go-smtp"}
	direct := list(t)
	for _, pkg := range domain {
		for _, imp := range direct[pkg] {
			if slices.Contains(banned, imp) {
				t.Errorf("%s imports %s", pkg, imp)
			}
		}
	}
}

// SQL is spoken under internal/store only, in tests too.
func TestSQLIsInTheStores(t *testing.T) {
	t.Parallel()
	statement := regexp.MustCompile(`(?s)^[\x60"]\s*(SELECT\s.*\bFROM|INSERT\s+INTO|UPDATE\s.*\bSET|DELETE\s+FROM|CREATE\s+TABLE|PRAGMA)\s`)
	for _, root := range []string{"../../cmd", "../../internal", "../../subscribers", "../../templates", "../../comparisons", "../../test"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if d != nil && d.IsDir() && (d.Name() == "store" || d.Name() == "node_modules") {
				return fs.SkipDir
			}
			if err != nil || filepath.Ext(path) != ".go" {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && statement.MatchString(lit.Value) {
					t.Errorf("%s: got SQL, want it under internal/store", set.Position(lit.Pos()))
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// picture reads lines "package: import import" from the block ```imports.
func picture(t *testing.T, file string) map[string][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := map[string][]string{}
	in := false
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		switch {
		case strings.HasPrefix(line, "```"):
			in = line == "```imports"
		case in && line != "":
			pkg, imports, ok := strings.Cut(line, ":")
			if !ok {
				t.Fatalf("%s: %q is not PACKAGE: IMPORTS", file, line)
			}
			rows[strings.TrimSpace(pkg)] = strings.Fields(imports)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no block of imports", file)
	}
	return rows
}

// packages gives each package's imports within the module.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	own := map[string][]string{}
	for pkg, imports := range list(t) {
		own[pkg] = nil
		for _, imp := range imports {
			if rest, ok := strings.CutPrefix(imp, module); ok {
				own[pkg] = append(own[pkg], rest)
			}
		}
	}
	return own
}

func list(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(p.ImportPath, module)] = p.Imports
	}
}
