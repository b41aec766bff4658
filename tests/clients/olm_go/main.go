// Checks a bundle for OLM: by the published schema of a ClusterServiceVersion, and by the rules of operator-framework/api,
// which `operator-sdk bundle validate --select-optional suite=operatorframework` runs. Prints one line a check.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/operator-framework/api/crds"
	"github.com/operator-framework/api/pkg/manifests"
	"github.com/operator-framework/api/pkg/operators/v1alpha1"
	"github.com/operator-framework/api/pkg/validation"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
	"sigs.k8s.io/yaml"
)

func main() {
	check("the ClusterServiceVersion has the fields of its published schema, and no others", schemaProblems)
	check("the bundle breaks no rule of operator-sdk, and follows its good practices", ruleProblems)
}

func check(name string, problems func(folder string) []string) {
	found := problems(os.Args[1])
	if len(found) == 0 {
		fmt.Println("ok " + name)
		return
	}
	fmt.Println("FAILED " + name + ": " + strings.ReplaceAll(strings.Join(found, "; "), "\n", " "))
}

func schemaProblems(folder string) []string {
	paths, _ := filepath.Glob(folder + "/manifests/*.clusterserviceversion.yaml")
	if len(paths) != 1 {
		return []string{fmt.Sprintf("there are %d ClusterServiceVersions", len(paths))}
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		return []string{err.Error()}
	}
	if err := yaml.UnmarshalStrict(text, &v1alpha1.ClusterServiceVersion{}); err != nil {
		return []string{err.Error()}
	}
	var value map[string]any
	if err := yaml.Unmarshal(text, &value); err != nil {
		return []string{err.Error()}
	}
	schema, err := publishedSchema()
	if err != nil {
		return []string{err.Error()}
	}
	problems := []string{}
	for _, one := range validate.NewSchemaValidator(schema, nil, "", strfmt.Default).Validate(value).Errors {
		problems = append(problems, one.Error())
	}
	return problems
}

func publishedSchema() (*spec.Schema, error) {
	crd := crds.ClusterServiceVersion()
	text, err := json.Marshal(crd.Spec.Versions[0].Schema.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	schema := &spec.Schema{}
	return schema, json.Unmarshal(text, schema)
}

func ruleProblems(folder string) []string {
	bundle, err := manifests.GetBundleFromDir(folder)
	if err != nil {
		return []string{err.Error()}
	}
	objects := bundle.ObjectsToValidate()
	for _, object := range bundle.Objects {
		objects = append(objects, object)
	}
	rules := validation.DefaultBundleValidators.WithValidators(
		validation.OperatorHubV2Validator,
		validation.StandardCapabilitiesValidator,
		validation.StandardCategoriesValidator,
		validation.ObjectValidator,
		validation.GoodPracticesValidator,
	)
	problems := []string{}
	for _, result := range rules.Validate(objects...) {
		for _, one := range append(result.Errors, result.Warnings...) {
			problems = append(problems, fmt.Sprintf("%s: %s: %s", one.Level, one.Type, one.Detail))
		}
	}
	return problems
}
