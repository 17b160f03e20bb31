<?php
// <expression> readVariable('EXAMPLE_API_KEY')

// <function>
/** The value of an environment variable, which must be set. */
function readVariable(string $name): string
{
    $value = (string) getenv($name);
    if ($value === '') {
        throw new RuntimeException("The environment variable {$name} is not set. Set it before the program starts.");
    }
    return $value;
}
// </function>

$secret = readVariable('EXAMPLE_API_KEY');
// <use>
printf("The secret has %d characters.\n", strlen($secret));
// </use>
