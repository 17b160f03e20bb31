# <expression> read_secret("example-api-key")
# <needs> gem google-cloud-secret_manager -
# <note> GOOGLE_CLOUD_PROJECT is the project; credentials are those of the application. They need the role Secret Manager Secret Accessor.
# <imports>
require "google/cloud/secret_manager"
# </imports>

# <function>
# The newest version of a secret in the project GOOGLE_CLOUD_PROJECT.
def read_secret(name)
  project = ENV["GOOGLE_CLOUD_PROJECT"].to_s
  raise "The environment variable GOOGLE_CLOUD_PROJECT is not set. Set it before the program starts." if project.empty?

  begin
    client = Google::Cloud::SecretManager.secret_manager_service
    value = client.access_secret_version(name: "projects/#{project}/secrets/#{name}/versions/latest").payload.data
  rescue Google::Cloud::NotFoundError
    raise "The project #{project} has no secret #{name} with a value. Create it, or check the name.", cause: nil
  rescue Google::Cloud::PermissionDeniedError
    raise "These credentials may not read #{name}. Give them the role Secret Manager Secret Accessor.", cause: nil
  rescue Google::Cloud::Error, Signet::AuthorizationError => error
    raise "Secret Manager cannot be reached for #{name} (#{error.class}). Check network and credentials.", cause: nil
  end
  raise "The secret #{name} is empty. Add a version with the value." if value.to_s.empty?

  value
end
# </function>

secret = read_secret("example-api-key")
# <use>
puts "The secret has #{secret.length} characters."
# </use>
