# <expression> read_secret("example/api-key", "api_key")
# <whole> read_secret("example/api-key")
# <needs> gem aws-sdk-secretsmanager -
# <note> The tests run it on aws-sdk-core 3.168.1.
# <note> AWS_REGION and credentials come from the environment, a profile, or the role of the machine. The credentials need secretsmanager:GetSecretValue on the secret.
# <imports>
require "json"
require "aws-sdk-secretsmanager"
# </imports>

# <function>
# A secret of AWS Secrets Manager, or one field of it if it is a JSON object.
def read_secret(name, field = nil)
  begin
    value = Aws::SecretsManager::Client.new.get_secret_value(secret_id: name).secret_string
  rescue Aws::Errors::ServiceError => error
    code = error.class.name.split("::").last
    raise "AWS Secrets Manager has no secret #{name}. Create it, or check its name and the region.", cause: nil if code == "ResourceNotFoundException"
    raise "These AWS credentials may not read #{name}. Allow them secretsmanager:GetSecretValue on it.", cause: nil if code.start_with?("AccessDenied")
    raise "AWS Secrets Manager refused to give #{name}: #{code}.", cause: nil
  rescue Seahorse::Client::NetworkingError, Aws::Errors::MissingCredentialsError, Aws::Errors::MissingRegionError => error
    raise "AWS Secrets Manager cannot be reached for #{name} (#{error.class}). Check network, region and credentials.", cause: nil
  end
  if field
    begin
      value = JSON.parse(value.to_s)[field]
    rescue JSON::ParserError, TypeError
      value = nil
    end
  end
  raise "The secret #{name} holds no text in #{field || "its value"}. Store it there." unless value.is_a?(String) && !value.empty?

  value
end
# </function>

secret = read_secret("example/api-key", "api_key")
# <use>
puts "The secret has #{secret.length} characters."
# </use>
