// Command deps does nothing; building it gets and compiles what the Go snippets
// import.
package main

import (
	_ "cloud.google.com/go/secretmanager/apiv1"
	_ "github.com/Azure/azure-sdk-for-go/sdk/azcore"
	_ "github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	_ "github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	_ "github.com/aws/aws-sdk-go-v2/aws"
	_ "github.com/aws/aws-sdk-go-v2/config"
	_ "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	_ "github.com/aws/smithy-go"
	_ "github.com/cyberark/conjur-api-go/conjurapi"
	_ "github.com/hashicorp/vault/api"
	_ "google.golang.org/grpc/status"
)

func main() {}
