# <expression> read_secret("example-api-key", "api_key")
# <note> Mount the Secret as a volume at /etc/secrets/NAME; SECRETS_DIR names another folder.
# <function>
# A key of a Kubernetes Secret that is mounted below /etc/secrets (or SECRETS_DIR).
def read_secret(name, key)
  path = File.join(ENV.fetch("SECRETS_DIR", "/etc/secrets"), name, key)
  begin
    value = File.read(path, encoding: "UTF-8")
  rescue SystemCallError => error
    raise "#{path} cannot be read (#{error.class}). Mount the Secret #{name} there, with a key #{key}, for the container's user.", cause: nil
  end
  raise "#{path} is empty. Put the value into the key #{key} of the Secret #{name}." if value.empty?

  value
end
# </function>

secret = read_secret("example-api-key", "api_key")
# <use>
puts "The secret has #{secret.length} characters."
# </use>
