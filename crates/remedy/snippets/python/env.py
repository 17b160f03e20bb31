# <expression> read_variable("EXAMPLE_API_KEY")
# <imports>
import os
# </imports>


# <function>
def read_variable(name: str) -> str:
    """The value of an environment variable, which must be set."""
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"The environment variable {name} is not set. Set it before the program starts.")
    return value
# </function>


if __name__ == "__main__":
    secret = read_variable("EXAMPLE_API_KEY")
    # <use>
    print(f"The secret has {len(secret)} characters.")
    # </use>
