// <expression> mustReadVariable("EXAMPLE_API_KEY")
package main

import (
	"fmt"
	// <imports>
	"log"
	"os"
	// </imports>
)

// <function>
// mustReadVariable gives the value of an environment variable, or ends the program.
func mustReadVariable(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("The environment variable %s is not set. Set it before the program starts.", name)
	}
	return value
}

// </function>

func main() {
	secret := mustReadVariable("EXAMPLE_API_KEY")
	// <use>
	fmt.Printf("The secret has %d characters.\n", len(secret))
	// </use>
}
