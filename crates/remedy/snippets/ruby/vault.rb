# <expression> read_secret("secret/example/api-key", "api_key")
# <note> VAULT_ADDR and VAULT_TOKEN come from the environment. The token needs a policy with read on MOUNT/data/PATH.
# <note> This uses the HTTP API with the standard library; the official gem is vault.
# <imports>
require "json"
require "net/http"
require "uri"
# </imports>

# <function>
# A field of a secret in Vault; the path begins with that of its KV engine (version 2).
def read_secret(path, field)
  %w[VAULT_ADDR VAULT_TOKEN].each do |name|
    raise "The environment variable #{name} is not set. Set it before the program starts." if ENV[name].to_s.empty?
  end
  mount, name = path.split("/", 2)
  begin
    url = URI("#{ENV["VAULT_ADDR"].chomp("/")}/v1/#{mount}/data/#{name}")
    http = Net::HTTP.start(url.host, url.port, use_ssl: url.scheme == "https", open_timeout: 10, read_timeout: 10)
    answer = http.get(url.request_uri, "X-Vault-Token" => ENV["VAULT_TOKEN"], "X-Vault-Request" => "true")
    value = JSON.parse(answer.body).dig("data", "data", field) if answer.code == "200"
  rescue SystemCallError, SocketError, IOError, Timeout::Error, OpenSSL::SSL::SSLError, JSON::ParserError, TypeError => error
    raise "Vault cannot be reached for #{path} (#{error.class}). Check VAULT_ADDR.", cause: nil
  end
  raise "Vault has no secret #{path}. Create it, or check the path." if answer.code == "404"
  raise "The token in VAULT_TOKEN may not read #{path}. Give it a policy with read on #{mount}/data/#{name}." if answer.code == "403"
  raise "Vault refused to give #{path}: status #{answer.code}. Check whether it is sealed." if answer.code != "200"
  raise "The secret #{path} has no field #{field}. Store it there." unless value.is_a?(String) && !value.empty?

  value
end
# </function>

secret = read_secret("secret/example/api-key", "api_key")
# <use>
puts "The secret has #{secret.length} characters."
# </use>
