# The one operation of the gem aws-sdk-secretsmanager that snippets call, on top
# of AWS's own aws-sdk-core (Debian's ruby-aws-sdk-core): credentials, signing,
# retries and errors are AWS's. The gem itself is generated from AWS's model of
# the service in the same way, but is in no package of Debian.
#
# Debian's core is older than AWS_ENDPOINT_URL, which every later one reads.

require "aws-sdk-core"
require "aws-sdk-core/plugins/signature_v4"
require "aws-sdk-core/plugins/protocols/json_rpc"

Aws::Plugins::GlobalConfiguration.add_identifier(:secretsmanager)

module Aws::SecretsManager
  module Errors
    extend Aws::Errors::DynamicErrors
  end

  module Types
    GetSecretValueRequest = Struct.new(:secret_id, :version_id, :version_stage) { include Aws::Structure }
    GetSecretValueResponse = Struct.new(:arn, :name, :version_id, :secret_string) { include Aws::Structure }
  end

  text = Seahorse::Model::Shapes::StringShape.new(name: "String")
  shape = lambda do |type, members|
    Seahorse::Model::Shapes::StructureShape.new(name: type.name.split("::").last).tap do |made|
      members.each do |member, name, required|
        made.add_member(member, Seahorse::Model::Shapes::ShapeRef.new(shape: text, required: required, location_name: name))
      end
      made.struct_class = type
    end
  end
  request = shape.call(Types::GetSecretValueRequest, [[:secret_id, "SecretId", true], [:version_id, "VersionId"], [:version_stage, "VersionStage"]])
  response = shape.call(Types::GetSecretValueResponse, [[:arn, "ARN"], [:name, "Name"], [:version_id, "VersionId"], [:secret_string, "SecretString"]])

  API = Seahorse::Model::Api.new.tap do |api|
    api.version = "2017-10-17"
    api.metadata = {
      "apiVersion" => "2017-10-17", "endpointPrefix" => "secretsmanager", "jsonVersion" => "1.1", "protocol" => "json",
      "serviceFullName" => "AWS Secrets Manager", "serviceId" => "Secrets Manager", "signatureVersion" => "v4",
      "signingName" => "secretsmanager", "targetPrefix" => "secretsmanager", "uid" => "secretsmanager-2017-10-17"
    }
    api.add_operation(:get_secret_value, Seahorse::Model::Operation.new.tap do |operation|
      operation.name = "GetSecretValue"
      operation.http_method = "POST"
      operation.http_request_uri = "/"
      operation.input = Seahorse::Model::Shapes::ShapeRef.new(shape: request)
      operation.output = Seahorse::Model::Shapes::ShapeRef.new(shape: response)
    end)
  end

  class Client < Seahorse::Client::Base
    include Aws::ClientStubs

    @identifier = :secretsmanager
    class << self
      attr_reader :identifier

      def errors_module = Errors
    end

    set_api(API)
    %w[CredentialsConfiguration ParamConverter ParamValidator UserAgent HelpfulSocketErrors RetryErrors GlobalConfiguration
       RegionalEndpoint StubResponses DefaultsMode SignatureV4].each { |name| add_plugin(Aws::Plugins.const_get(name)) }
    add_plugin(Seahorse::Client::Plugins::ContentLength)
    add_plugin(Aws::Plugins::Protocols::JsonRpc)

    def initialize(plugins, options)
      endpoint = ENV["AWS_ENDPOINT_URL_SECRETS_MANAGER"] || ENV["AWS_ENDPOINT_URL"]
      super(plugins, endpoint ? { endpoint: endpoint }.merge(options) : options)
    end

    def get_secret_value(params = {}, options = {})
      build_request(:get_secret_value, params).send_request(options)
    end

    def build_request(name, params = {})
      context = Seahorse::Client::RequestContext.new(
        operation_name: name, operation: config.api.operation(name), client: self, params: params, config: config
      )
      context[:gem_name] = "aws-sdk-secretsmanager"
      context[:gem_version] = "1.69.0"
      Seahorse::Client::Request.new(@handlers.for(name), context)
    end
  end
end
