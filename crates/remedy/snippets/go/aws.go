// <expression> mustReadSecret("example/api-key", "api_key")
// <whole> mustReadSecret("example/api-key", "")
// <needs> go github.com/aws/aws-sdk-go-v2/config 1.33.15
// <needs> go github.com/aws/aws-sdk-go-v2/service/secretsmanager 1.44.8
// <note> AWS_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.
package main

import (
	// <imports>
	"context"
	"encoding/json"
	"errors"
	// </imports>
	"fmt"
	// <imports>
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	// </imports>
)

// <function>
// mustReadSecret gives a secret of AWS Secrets Manager, or one field of it if it
// is a JSON object ("" for none), or ends the program.
func mustReadSecret(name, field string) string {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatalf("The AWS configuration cannot be read: %v", err)
	}
	input := &secretsmanager.GetSecretValueInput{SecretId: aws.String(name)}
	answer, err := secretsmanager.NewFromConfig(settings).GetSecretValue(ctx, input)
	var refusal smithy.APIError
	switch {
	case errors.As(err, &refusal) && refusal.ErrorCode() == "ResourceNotFoundException":
		log.Fatalf("AWS Secrets Manager has no secret %s. Create it, or check its name and the region.", name)
	case errors.As(err, &refusal):
		log.Fatalf("These AWS credentials may not read %s (%s). Allow them secretsmanager:GetSecretValue on it.", name, refusal.ErrorCode())
	case err != nil:
		log.Fatalf("AWS Secrets Manager cannot be reached for %s. Check network, region and credentials: %v", name, err)
	}
	value := aws.ToString(answer.SecretString)
	if field != "" {
		var fields map[string]any
		if json.Unmarshal([]byte(value), &fields) != nil {
			log.Fatalf("The secret %s is no JSON object. Store it as one, or leave out the field.", name)
		}
		value, _ = fields[field].(string)
	}
	if value == "" {
		log.Fatalf("The secret %s holds no text in %q. Store it there.", name, field)
	}
	return value
}

// </function>

func main() {
	secret := mustReadSecret("example/api-key", "api_key")
	// <use>
	fmt.Printf("The secret has %d characters.\n", len(secret))
	// </use>
}
