// Command wrapping makes a round trip with go-kms-wrapping's AWS KMS wrapper: wrapping <endpoint> <key id>.
package main

import (
	"bytes"
	"context"
	"log"
	"os"

	wrapping "github.com/hashicorp/go-kms-wrapping/v2"
	"github.com/hashicorp/go-kms-wrapping/wrappers/awskms/v2"
)

func newWrapper(endpoint, key string) wrapping.Wrapper {
	wrapper := awskms.NewWrapper()
	config, err := wrapper.SetConfig(context.Background(), wrapping.WithConfigMap(map[string]string{
		"kms_key_id": key,
		"region":     "us-east-1",
		"endpoint":   endpoint,
		"access_key": "test",
		"secret_key": "test",
	}))
	if err != nil {
		log.Fatalf("configuration: %v", err)
	}
	if config.Metadata["key_id"] != key {
		log.Fatalf("another key: %v", config.Metadata)
	}
	return wrapper
}

func main() {
	endpoint, key := os.Args[1], os.Args[2]
	ctx := context.Background()
	secret, data := []byte("unseal key"), wrapping.WithAad([]byte("vault"))
	blob, err := newWrapper(endpoint, key).Encrypt(ctx, secret, data)
	if err != nil {
		log.Fatalf("encrypt: %v", err)
	}
	reader := newWrapper(endpoint, key)
	opened, err := reader.Decrypt(ctx, blob, data)
	if err != nil {
		log.Fatalf("decrypt: %v", err)
	}
	if !bytes.Equal(opened, secret) {
		log.Fatalf("decrypt: got %q", opened)
	}
	if _, err := reader.Decrypt(ctx, blob, wrapping.WithAad([]byte("other"))); err == nil {
		log.Fatal("other data was accepted")
	}
	blob.KeyInfo.WrappedKey[len(blob.KeyInfo.WrappedKey)-1] ^= 1
	if _, err := reader.Decrypt(ctx, blob, data); err == nil {
		log.Fatal("a changed data key was accepted")
	}
}
