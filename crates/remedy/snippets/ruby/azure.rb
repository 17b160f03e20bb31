# <expression> read_secret("example-api-key")
# <note> AZURE_KEYVAULT_URL is the vault, such as https://NAME.vault.azure.net. The identity needs the role Key Vault Secrets User.
# <imports>
require "json"
require "net/http"
require "uri"
# </imports>

# <function>
# A secret of the Azure Key Vault at AZURE_KEYVAULT_URL, as the service principal
# in AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.
def read_secret(name)
  names = %w[AZURE_KEYVAULT_URL AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET]
  names.each do |variable|
    raise "The environment variable #{variable} is not set. Set it before the program starts." if ENV[variable].to_s.empty?
  end
  vault, tenant, client, key = ENV.values_at(*names)
  authority = ENV.fetch("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com").chomp("/")
  begin
    form = { grant_type: "client_credentials", client_id: client, client_secret: key, scope: "https://vault.azure.net/.default" }
    login = Net::HTTP.post_form(URI("#{authority}/#{tenant}/oauth2/v2.0/token"), form)
    raise "Microsoft Entra did not let #{client} in: status #{login.code}. Check AZURE_CLIENT_ID and AZURE_CLIENT_SECRET." if login.code != "200"

    token = JSON.parse(login.body)["access_token"]
    answer = Net::HTTP.get_response(URI("#{vault.chomp("/")}/secrets/#{name}?api-version=7.4"), { "Authorization" => "Bearer #{token}" })
    value = JSON.parse(answer.body)["value"] if answer.code == "200"
  rescue SystemCallError, SocketError, IOError, Timeout::Error, OpenSSL::SSL::SSLError, JSON::ParserError => error
    raise "The key vault cannot be reached for #{name} (#{error.class}). Check AZURE_KEYVAULT_URL.", cause: nil
  end
  raise "The key vault has no secret #{name}. Create it, or check the name." if answer.code == "404"
  raise "#{client} may not read #{name}. Give it the role Key Vault Secrets User." if answer.code == "403"
  raise "The key vault refused to give #{name}: status #{answer.code}." if answer.code != "200"
  raise "The secret #{name} is empty. Set it." if value.to_s.empty?

  value
end
# </function>

secret = read_secret("example-api-key")
# <use>
puts "The secret has #{secret.length} characters."
# </use>
