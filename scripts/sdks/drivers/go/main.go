// Command driver reads a line of JSON with a call and writes a line of JSON with its outcome; see
// ../../protocol.ts.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"os"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

type target struct{ Endpoint, Region, Account string }

type call struct {
	Target    target
	Operation string
	Input     any
}

type failure struct {
	Code    string `json:"code"`
	Type    string `json:"type"`
	Message string `json:"message"`
}

type outcome struct {
	Output    any      `json:"output,omitempty"`
	Error     *failure `json:"error,omitempty"`
	Unknown   string   `json:"unknown,omitempty"`
	Broken    string   `json:"broken,omitempty"`
	Status    int      `json:"status,omitempty"`
	RequestID string   `json:"requestId,omitempty"`
}

var clients = map[target]*kms.Client{}

func clientFor(to target) *kms.Client {
	if client, ok := clients[to]; ok {
		return client
	}
	clients[to] = kms.New(kms.Options{
		BaseEndpoint:     aws.String(to.Endpoint),
		Region:           to.Region,
		RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: to.Account, SecretAccessKey: "secret"}, nil
		}),
	})
	return clients[to]
}

func run(made call) outcome {
	method := reflect.ValueOf(clientFor(made.Target)).MethodByName(made.Operation)
	if !method.IsValid() {
		return outcome{Unknown: made.Operation}
	}
	input := reflect.New(method.Type().In(1).Elem())
	if err := fill(input.Interface(), made.Input); err != nil {
		return outcome{Broken: err.Error()}
	}
	answer := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
	if err, isError := answer[1].Interface().(error); isError {
		return failed(err)
	}
	output := answer[0].Elem()
	metadata := output.FieldByName("ResultMetadata").Interface().(middleware.Metadata)
	done := outcome{Output: toJSON(output)}
	if response, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response); ok {
		done.Status = response.StatusCode
	}
	done.RequestID, _ = awsmiddleware.GetRequestIDMetadata(metadata)
	return done
}

func failed(err error) outcome {
	var said smithy.APIError
	if !errors.As(err, &said) {
		return outcome{Broken: err.Error()}
	}
	done := outcome{Error: &failure{
		Code:    said.ErrorCode(),
		Type:    reflect.TypeOf(said).Elem().Name(),
		Message: said.ErrorMessage(),
	}}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		done.Status, done.RequestID = response.HTTPStatusCode(), response.RequestID
	}
	return done
}

// fill sets the members of an input. Members have the names of its fields, bytes and times the form that
// encoding/json gives them.
func fill(input any, tree any) error {
	text, err := json.Marshal(plain(tree))
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(input)
}

func plain(tree any) any {
	switch value := tree.(type) {
	case []any:
		for index, item := range value {
			value[index] = plain(item)
		}
	case map[string]any:
		if blob, ok := value["$blob"]; ok {
			return blob
		}
		if seconds, ok := value["$time"].(float64); ok {
			return time.UnixMilli(int64(seconds * 1000)).UTC()
		}
		for name, item := range value {
			value[name] = plain(item)
		}
	}
	return tree
}

// toJSON leaves out what the answer did not have. A false of a member without a pointer may be one of those.
func toJSON(value reflect.Value) any {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		return toJSON(value.Elem())
	case reflect.Slice:
		if value.Type().Elem().Kind() == reflect.Uint8 {
			return map[string]any{"$blob": base64.StdEncoding.EncodeToString(value.Bytes())}
		}
		items := []any{}
		for index := range value.Len() {
			items = append(items, toJSON(value.Index(index)))
		}
		return items
	case reflect.Map:
		members := map[string]any{}
		for _, name := range value.MapKeys() {
			members[name.String()] = toJSON(value.MapIndex(name))
		}
		return members
	case reflect.Struct:
		if at, ok := value.Interface().(time.Time); ok {
			return map[string]any{"$time": float64(at.UnixMilli()) / 1000}
		}
		return structure(value)
	}
	return value.Interface()
}

func structure(value reflect.Value) any {
	members := map[string]any{}
	for index := range value.NumField() {
		field := value.Type().Field(index)
		item := value.Field(index)
		if !field.IsExported() || field.Name == "ResultMetadata" || isAbsent(item) {
			continue
		}
		members[field.Name] = toJSON(item)
	}
	return members
}

func isAbsent(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return value.IsNil()
	case reflect.String:
		// An enumeration.
		return value.Len() == 0
	}
	return false
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var made call
		if err := json.Unmarshal(lines.Bytes(), &made); err != nil {
			log.Fatal(err)
		}
		if err := answers.Encode(run(made)); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}
