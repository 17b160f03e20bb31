// <expression> mustReadSecret("example-api-key")
// <needs> go github.com/Azure/azure-sdk-for-go/sdk/azidentity 1.15.0
// <needs> go github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets 1.5.1
// <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
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

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	// </imports>
)

// <function>
// mustReadSecret gives a secret of the Azure Key Vault at AZURE_KEYVAULT_URL, or
// ends the program.
func mustReadSecret(name string) string {
	vault := os.Getenv("AZURE_KEYVAULT_URL")
	if vault == "" {
		log.Fatal("The environment variable AZURE_KEYVAULT_URL is not set. Set it before the program starts.")
	}
	identity, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		log.Fatalf("There is no identity of Azure to read %s with: %v", name, err)
	}
	client, err := azsecrets.NewClient(vault, identity, nil)
	if err != nil {
		log.Fatalf("AZURE_KEYVAULT_URL is wrong: %v", err)
	}
	answer, err := client.GetSecret(context.Background(), name, "", nil)
	var refusal *azcore.ResponseError
	switch {
	case errors.As(err, &refusal) && refusal.StatusCode == http.StatusNotFound:
		log.Fatalf("The key vault has no secret %s. Create it, or check the name.", name)
	case errors.As(err, &refusal) && refusal.StatusCode == http.StatusForbidden:
		log.Fatalf("This identity may not read %s. Give it the role Key Vault Secrets User.", name)
	case err != nil:
		log.Fatalf("The key vault cannot be reached for %s. Check AZURE_KEYVAULT_URL and the identity: %v", name, err)
	case answer.Value == nil || *answer.Value == "":
		log.Fatalf("The secret %s is empty. Set it.", name)
	}
	return *answer.Value
}

// </function>

func main() {
	secret := mustReadSecret("example-api-key")
	// <use>
	fmt.Printf("The secret has %d characters.\n", len(secret))
	// </use>
}
