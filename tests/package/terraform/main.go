// Reads a configuration of Terraform with HashiCorp's own parser, and goes through it as far as that goes without a provider: every file is
// one and is formatted, whatever is referred to exists, modules get the variables that they have, and what can be computed is.
// What machines are described by is printed, a JSON object on each line.
//
//	main DIR '{"variable": value, ...}'
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

var faults []string

func fault(where hcl.Range, format string, words ...interface{}) {
	faults = append(faults, fmt.Sprintf("%s: %s", where, fmt.Sprintf(format, words...)))
}

func note(diagnostics hcl.Diagnostics) {
	for _, each := range diagnostics {
		faults = append(faults, each.Error())
	}
}

type module struct {
	dir       string
	blocks    []*hclsyntax.Block
	variables map[string]*hclsyntax.Block
	outputs   map[string]*hclsyntax.Block
	locals    map[string]*hclsyntax.Attribute
	resources map[string]*hclsyntax.Block // type.name
	calls     map[string]*hclsyntax.Block
	used      map[string]bool
}

func read(dir string) *module {
	read := &module{dir, nil, map[string]*hclsyntax.Block{}, map[string]*hclsyntax.Block{}, map[string]*hclsyntax.Attribute{},
		map[string]*hclsyntax.Block{}, map[string]*hclsyntax.Block{}, map[string]bool{}}
	files, _ := filepath.Glob(filepath.Join(dir, "*.tf"))
	if len(files) == 0 {
		faults = append(faults, dir+": no configuration")
	}
	parser := hclparse.NewParser()
	for _, name := range files {
		file, diagnostics := parser.ParseHCLFile(name)
		note(diagnostics)
		if diagnostics.HasErrors() {
			continue
		}
		if !bytes.Equal(hclwrite.Format(file.Bytes), file.Bytes) {
			faults = append(faults, name+": not as terraform fmt has it")
		}
		body := file.Body.(*hclsyntax.Body)
		for name, attribute := range body.Attributes {
			fault(attribute.SrcRange, "%s stands in no block", name)
		}
		read.blocks = append(read.blocks, body.Blocks...)
	}
	for _, block := range read.blocks {
		read.add(block)
	}
	return read
}

func (m *module) add(block *hclsyntax.Block) {
	labels := map[string]int{"variable": 1, "output": 1, "module": 1, "provider": 1, "resource": 2, "locals": 0, "terraform": 0}
	wanted, known := labels[block.Type]
	if !known || len(block.Labels) != wanted {
		fault(block.DefRange(), "no block of Terraform's: %s %v", block.Type, block.Labels)
		return
	}
	twice := false
	put := func(all map[string]*hclsyntax.Block) {
		name := strings.Join(block.Labels, ".")
		_, twice = all[name]
		all[name] = block
	}
	switch block.Type {
	case "variable":
		put(m.variables)
	case "output":
		put(m.outputs)
	case "resource":
		put(m.resources)
	case "module":
		put(m.calls)
	case "locals":
		for name, attribute := range block.Body.Attributes {
			m.locals[name] = attribute
		}
	}
	if twice {
		fault(block.DefRange(), "%v is there twice", block.Labels)
	}
}

func (m *module) has(root string, traversal hcl.Traversal) bool {
	word := func(at int) string {
		if len(traversal) <= at {
			return ""
		}
		if attribute, is := traversal[at].(hcl.TraverseAttr); is {
			return attribute.Name
		}
		return ""
	}
	switch root {
	case "var":
		m.used[word(1)] = true
		return m.variables[word(1)] != nil
	case "local":
		return m.locals[word(1)] != nil
	case "path":
		return word(1) == "module"
	case "count":
		return word(1) == "index"
	case "module":
		call := m.calls[word(1)]
		return call != nil && read(m.source(call)).outputs[word(2)] != nil
	}
	return m.resources[root+"."+word(1)] != nil
}

func (m *module) source(call *hclsyntax.Block) string {
	source, _ := call.Body.Attributes["source"].Expr.Value(nil)
	return filepath.Join(m.dir, source.AsString())
}

// Every reference of a body. What stands in ignore_changes are names of attributes, and so are types of variables not looked up.
func (m *module) references(body *hclsyntax.Body) {
	for name, attribute := range body.Attributes {
		if name == "ignore_changes" || name == "type" {
			continue
		}
		for _, traversal := range attribute.Expr.Variables() {
			if !m.has(traversal.RootName(), traversal) {
				fault(traversal.SourceRange(), "there is nothing of this name")
			}
		}
	}
	for _, block := range body.Blocks {
		m.references(block.Body)
	}
}

func (m *module) functions() map[string]function.Function {
	text := func(name string) function.Parameter { return function.Parameter{Name: name, Type: cty.String} }
	made := func(impl func(words []cty.Value) (cty.Value, error), parameters ...function.Parameter) function.Function {
		return function.New(&function.Spec{Params: parameters, Type: function.StaticReturnType(cty.String),
			Impl: func(words []cty.Value, _ cty.Type) (cty.Value, error) { return impl(words) }})
	}
	return map[string]function.Function{
		"can": tryfunc.CanFunc, "concat": stdlib.ConcatFunc, "join": stdlib.JoinFunc, "jsonencode": stdlib.JSONEncodeFunc,
		"length": stdlib.LengthFunc, "regex": stdlib.RegexFunc, "trimspace": stdlib.TrimSpaceFunc,
		"file": made(func(words []cty.Value) (cty.Value, error) {
			content, err := os.ReadFile(words[0].AsString())
			return cty.StringVal(string(content)), err
		}, text("path")),
		"replace": made(func(words []cty.Value) (cty.Value, error) {
			all, what, with := words[0].AsString(), words[1].AsString(), words[2].AsString()
			if len(what) > 1 && strings.HasPrefix(what, "/") && strings.HasSuffix(what, "/") {
				pattern, err := regexp.Compile(what[1 : len(what)-1])
				if err != nil {
					return cty.NilVal, err
				}
				return cty.StringVal(pattern.ReplaceAllString(all, with)), nil
			}
			return cty.StringVal(strings.ReplaceAll(all, what, with)), nil
		}, text("all"), text("what"), text("with")),
		"templatefile": made(func(words []cty.Value) (cty.Value, error) {
			content, err := os.ReadFile(words[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			template, diagnostics := hclsyntax.ParseTemplate(content, words[0].AsString(), hcl.InitialPos)
			if diagnostics.HasErrors() {
				return cty.NilVal, diagnostics
			}
			value, diagnostics := template.Value(&hcl.EvalContext{Variables: words[1].AsValueMap()})
			if diagnostics.HasErrors() {
				return cty.NilVal, diagnostics
			}
			return convert.Convert(value, cty.String)
		}, text("path"), function.Parameter{Name: "variables", Type: cty.DynamicPseudoType}),
	}
}

// Computes what is known without a provider. `given` are its variables; returns its outputs.
func (m *module) compute(address string, given map[string]cty.Value) cty.Value {
	context := &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: m.functions()}
	set := func(name string, values map[string]cty.Value) { context.Variables[name] = cty.ObjectVal(values) }
	value := func(expression hcl.Expression) cty.Value {
		value, diagnostics := expression.Value(context)
		note(diagnostics)
		return value
	}
	variables := map[string]cty.Value{}
	for name, block := range m.variables {
		if chosen, is := given[name]; is {
			variables[name] = chosen
		} else if initial := block.Body.Attributes["default"]; initial != nil {
			variables[name] = value(initial.Expr)
		} else {
			fault(block.DefRange(), "%s gets no %s", address, name)
			variables[name] = cty.DynamicVal
		}
	}
	for name := range given {
		if m.variables[name] == nil {
			faults = append(faults, fmt.Sprintf("%s: there is no variable %s in %s", address, name, m.dir))
		}
	}
	set("var", variables)
	set("path", map[string]cty.Value{"module": cty.StringVal(m.dir)})
	set("count", map[string]cty.Value{"index": cty.NumberIntVal(0)})
	resources := map[string]map[string]cty.Value{}
	for name := range m.resources {
		parts := strings.SplitN(name, ".", 2)
		if resources[parts[0]] == nil {
			resources[parts[0]] = map[string]cty.Value{}
		}
		resources[parts[0]][parts[1]] = cty.DynamicVal
	}
	for kind, all := range resources {
		set(kind, all)
	}
	calls := map[string]cty.Value{}
	for name := range m.calls {
		calls[name] = cty.DynamicVal
	}
	set("module", calls)
	locals := map[string]cty.Value{}
	for name := range m.locals {
		locals[name] = cty.DynamicVal
	}
	for range m.locals { // so deep they may stand on each other
		set("local", locals)
		next := map[string]cty.Value{}
		for name, attribute := range m.locals {
			next[name] = value(attribute.Expr)
		}
		locals = next
	}
	set("local", locals)
	for name, block := range m.variables {
		for _, rule := range block.Body.Blocks {
			if rule.Type == "validation" && value(rule.Body.Attributes["condition"].Expr).RawEquals(cty.False) {
				fault(rule.DefRange(), "%s: %s", name, value(rule.Body.Attributes["error_message"].Expr).AsString())
			}
		}
	}
	for name, call := range m.calls {
		arguments := map[string]cty.Value{}
		for argument, attribute := range call.Body.Attributes {
			if argument != "source" {
				arguments[argument] = value(attribute.Expr)
			}
		}
		calls[name] = read(m.source(call)).compute(address+"."+name, arguments)
	}
	set("module", calls)
	for name, block := range m.resources {
		m.walk(block.Body, value)
		if metadata := block.Body.Attributes["metadata"]; metadata != nil {
			described, err := ctyjson.Marshal(value(metadata.Expr), cty.Map(cty.String))
			if err != nil {
				fault(metadata.SrcRange, "%s", err)
			}
			fmt.Printf("{\"machine\": %q, \"metadata\": %s}\n", address+"."+name, described)
		}
	}
	outputs := map[string]cty.Value{}
	for name, block := range m.outputs {
		outputs[name] = value(block.Body.Attributes["value"].Expr)
	}
	m.references(&hclsyntax.Body{Blocks: m.blocks})
	for name, block := range m.variables {
		if !m.used[name] {
			fault(block.DefRange(), "nothing uses %s", name)
		}
	}
	return cty.ObjectVal(outputs)
}

func (m *module) walk(body *hclsyntax.Body, value func(hcl.Expression) cty.Value) {
	for name, attribute := range body.Attributes {
		if name != "ignore_changes" {
			value(attribute.Expr)
		}
	}
	for _, block := range body.Blocks {
		m.walk(block.Body, value)
	}
}

func main() {
	var written map[string]json.RawMessage
	if err := json.Unmarshal([]byte(os.Args[2]), &written); err != nil {
		panic(err)
	}
	given := map[string]cty.Value{}
	for name, text := range written {
		kind, err := ctyjson.ImpliedType(text)
		if err == nil {
			given[name], err = ctyjson.Unmarshal(text, kind)
		}
		if err != nil {
			panic(err)
		}
	}
	read(os.Args[1]).compute("root", given)
	for _, each := range faults {
		fmt.Fprintln(os.Stderr, each)
	}
	if len(faults) > 0 {
		os.Exit(1)
	}
}
