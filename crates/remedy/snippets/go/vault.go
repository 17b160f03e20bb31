// <expression> mustReadSecret("secret/example/api-key", "api_key")
// <needs> go github.com/hashicorp/vault/api 1.23.0
// <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
package main

import (
	// <imports>
	"context"
	"errors"
	// </imports>
	"fmt"
	// <imports>
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/hashicorp/vault/api"
	// </imports>
)

// <function>
// mustReadSecret gives a field of a secret in Vault, or ends the program. The
// path begins with that of its KV engine (version 2).
func mustReadSecret(path, field string) string {
	for _, name := range []string{"VAULT_ADDR", "VAULT_TOKEN"} {
		if os.Getenv(name) == "" {
			log.Fatalf("The environment variable %s is not set. Set it before the program starts.", name)
		}
	}
	// It reads VAULT_ADDR and VAULT_TOKEN by itself.
	client, err := api.NewClient(nil)
	if err != nil {
		log.Fatalf("The settings of Vault are wrong: %v", err)
	}
	mount, name, _ := strings.Cut(path, "/")
	secret, err := client.KVv2(mount).Get(context.Background(), name)
	var refusal *api.ResponseError
	switch {
	case errors.Is(err, api.ErrSecretNotFound):
		log.Fatalf("Vault has no secret %s. Create it, or check the path.", path)
	case errors.As(err, &refusal) && refusal.StatusCode == http.StatusForbidden:
		log.Fatalf("The token in VAULT_TOKEN may not read %s. Give it a policy with read on %s/data/%s.", path, mount, name)
	case errors.As(err, &refusal):
		log.Fatalf("Vault refused to give %s: status %d. Check whether it is sealed.", path, refusal.StatusCode)
	case err != nil:
		log.Fatalf("Vault cannot be reached for %s. Check VAULT_ADDR: %v", path, err)
	}
	value, _ := secret.Data[field].(string)
	if value == "" {
		log.Fatalf("The secret %s has no field %s. Store it there.", path, field)
	}
	return value
}

// </function>

func main() {
	secret := mustReadSecret("secret/example/api-key", "api_key")
	// <use>
	fmt.Printf("The secret has %d characters.\n", len(secret))
	// </use>
}
