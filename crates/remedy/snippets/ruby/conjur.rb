# <expression> read_secret("example/api-key")
# <note> CONJUR_APPLIANCE_URL, CONJUR_ACCOUNT, CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY come from the environment. The host needs read and execute on the variable.
# <note> This uses the HTTP API with the standard library; the official gem is conjur-api.
# <imports>
require "erb"
require "net/http"
require "uri"
# </imports>

# <function>
# The value of a variable of Conjur.
def read_secret(variable)
  names = %w[CONJUR_APPLIANCE_URL CONJUR_ACCOUNT CONJUR_AUTHN_LOGIN CONJUR_AUTHN_API_KEY]
  names.each do |name|
    raise "The environment variable #{name} is not set. Set it before the program starts." if ENV[name].to_s.empty?
  end
  url, account, login, key = ENV.values_at(*names)
  id = ERB::Util.url_encode(variable)
  begin
    url = URI(url.chomp("/"))
    http = Net::HTTP.start(url.host, url.port, use_ssl: url.scheme == "https", ca_file: ENV["CONJUR_CERT_FILE"], open_timeout: 10, read_timeout: 10)
    entered = http.post("#{url.path}/authn/#{account}/#{ERB::Util.url_encode(login)}/authenticate", key)
    raise "Conjur did not let #{login} in: status #{entered.code}. Check CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY." if entered.code != "200"

    token = [entered.body].pack("m0")
    answer = http.get("#{url.path}/secrets/#{account}/variable/#{id}", "Authorization" => "Token token=\"#{token}\"")
  rescue SystemCallError, SocketError, IOError, Timeout::Error, OpenSSL::SSL::SSLError => error
    raise "Conjur cannot be reached for #{variable} (#{error.class}). Check CONJUR_APPLIANCE_URL.", cause: nil
  end
  raise "#{login} may not read #{variable}. Permit it execute on the variable." if answer.code == "403"
  raise "Conjur has no value for #{variable}, or #{login} may not see it. Set it, or check the name." if answer.code == "404"
  raise "Conjur refused to give #{variable}: status #{answer.code}." if answer.code != "200"
  raise "The variable #{variable} is empty. Set it." if answer.body.to_s.empty?

  answer.body.force_encoding("UTF-8")
end
# </function>

secret = read_secret("example/api-key")
# <use>
puts "The secret has #{secret.length} characters."
# </use>
