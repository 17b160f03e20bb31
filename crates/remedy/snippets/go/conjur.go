// <expression> mustReadSecret("example/api-key")
// <needs> go github.com/cyberark/conjur-api-go 0.15.7
// <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
package main

import (
	// <imports>
	"errors"
	// </imports>
	"fmt"
	// <imports>
	"log"
	"os"

	"github.com/cyberark/conjur-api-go/conjurapi"
	"github.com/cyberark/conjur-api-go/conjurapi/authn"
	"github.com/cyberark/conjur-api-go/conjurapi/response"
	// </imports>
)

// <function>
// mustReadSecret gives the value of a variable of Conjur, or ends the program.
func mustReadSecret(variable string) string {
	for _, name := range []string{"CONJUR_APPLIANCE_URL", "CONJUR_ACCOUNT", "CONJUR_AUTHN_LOGIN", "CONJUR_AUTHN_API_KEY"} {
		if os.Getenv(name) == "" {
			log.Fatalf("The environment variable %s is not set. Set it before the program starts.", name)
		}
	}
	settings, err := conjurapi.LoadConfig()
	if err != nil {
		log.Fatalf("The settings of Conjur are wrong: %v", err)
	}
	login := os.Getenv("CONJUR_AUTHN_LOGIN")
	client, err := conjurapi.NewClientFromKey(settings, authn.LoginPair{Login: login, APIKey: os.Getenv("CONJUR_AUTHN_API_KEY")})
	if err != nil {
		log.Fatalf("The settings of Conjur are wrong: %v", err)
	}
	value, err := client.RetrieveSecret(variable)
	var refusal *response.ConjurError
	switch {
	case errors.As(err, &refusal) && refusal.Code == 401:
		log.Fatalf("Conjur did not let %s in. Check CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY.", login)
	case errors.As(err, &refusal) && refusal.Code == 403:
		log.Fatalf("%s may not read %s. Permit it execute on the variable.", login, variable)
	case errors.As(err, &refusal) && refusal.Code == 404:
		log.Fatalf("Conjur has no value for %s, or %s may not see it. Set it, or check the name.", variable, login)
	case err != nil:
		log.Fatalf("Conjur cannot be reached for %s. Check CONJUR_APPLIANCE_URL: %v", variable, err)
	case len(value) == 0:
		log.Fatalf("The variable %s is empty. Set it.", variable)
	}
	return string(value)
}

// </function>

func main() {
	secret := mustReadSecret("example/api-key")
	// <use>
	fmt.Printf("The secret has %d characters.\n", len(secret))
	// </use>
}
