// <expression> mustReadSecret("example-api-key", "api_key")
// <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.
package main

import (
	"fmt"
	// <imports>
	"log"
	"os"
	"path/filepath"
	// </imports>
)

// <function>
// mustReadSecret gives a key of a Kubernetes Secret that is mounted below
// /etc/secrets (or SECRETS_DIR), or ends the program.
func mustReadSecret(name, key string) string {
	folder := os.Getenv("SECRETS_DIR")
	if folder == "" {
		folder = "/etc/secrets"
	}
	path := filepath.Join(folder, name, key)
	value, err := os.ReadFile(path)
	if err != nil {
		log.Fatalf("%s cannot be read (%v). Mount the Secret %s there, with a key %s, for the container's user.", path, err, name, key)
	}
	if len(value) == 0 {
		log.Fatalf("%s is empty. Put the value into the key %s of the Secret %s.", path, key, name)
	}
	return string(value)
}

// </function>

func main() {
	secret := mustReadSecret("example-api-key", "api_key")
	// <use>
	fmt.Printf("The secret has %d characters.\n", len(secret))
	// </use>
}
