# <expression> read_variable("EXAMPLE_API_KEY")
# <function>
# The value of an environment variable, which must be set.
def read_variable(name)
  value = ENV[name].to_s
  raise "The environment variable #{name} is not set. Set it before the program starts." if value.empty?

  value
end
# </function>

secret = read_variable("EXAMPLE_API_KEY")
# <use>
puts "The secret has #{secret.length} characters."
# </use>
