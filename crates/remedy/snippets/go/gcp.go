// <expression> mustReadSecret("example-api-key")
// <needs> go cloud.google.com/go/secretmanager 1.24.0
// <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.
package main

import (
	// <imports>
	"context"
	// </imports>
	"fmt"
	// <imports>
	"log"
	"os"

	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	// </imports>
)

// <function>
// mustReadSecret gives the newest version of a secret in the project
// GOOGLE_CLOUD_PROJECT, or ends the program.
func mustReadSecret(name string) string {
	project := os.Getenv("GOOGLE_CLOUD_PROJECT")
	if project == "" {
		log.Fatal("The environment variable GOOGLE_CLOUD_PROJECT is not set. Set it before the program starts.")
	}
	ctx := context.Background()
	client, err := secretmanager.NewClient(ctx)
	if err != nil {
		log.Fatalf("There are no credentials of Google Cloud to read %s with: %v", name, err)
	}
	defer client.Close()
	answer, err := client.AccessSecretVersion(ctx, &secretmanagerpb.AccessSecretVersionRequest{
		Name: "projects/" + project + "/secrets/" + name + "/versions/latest",
	})
	switch {
	case status.Code(err) == codes.NotFound:
		log.Fatalf("The project %s has no secret %s with a value. Create it, or check the name.", project, name)
	case status.Code(err) == codes.PermissionDenied:
		log.Fatalf("These credentials may not read %s. Give them the role Secret Manager Secret Accessor.", name)
	case err != nil:
		log.Fatalf("Secret Manager cannot be reached for %s. Check network and credentials: %v", name, err)
	case len(answer.GetPayload().GetData()) == 0:
		log.Fatalf("The secret %s is empty. Add a version with the value.", name)
	}
	return string(answer.GetPayload().GetData())
}

// </function>

func main() {
	secret := mustReadSecret("example-api-key")
	// <use>
	fmt.Printf("The secret has %d characters.\n", len(secret))
	// </use>
}
