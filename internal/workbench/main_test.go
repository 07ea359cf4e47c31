package workbench_test

import (
	"os"
	"testing"

	"verdicts.example/digest/internal/browsertest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }
