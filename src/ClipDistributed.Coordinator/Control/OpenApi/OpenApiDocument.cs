using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Protos;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Coordinator.Control.OpenApi;

/// <summary>The description of the control API as OpenAPI 3.1, from the protos and their comments.</summary>
internal static class OpenApiDocument
{
    /// <summary>All services of the package, the largest part of the API first.</summary>
    public static IReadOnlyList<ServiceDescriptor> Services { get; } =
    [
        .. typeof(ControlService).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(ControlService).Namespace && type.IsAbstract && type.IsSealed) // static
            .Select(type => type.GetProperty("Descriptor")?.GetValue(null)).OfType<FileDescriptor>()
            .SelectMany(file => file.Services)
            .OrderBy(service => service.FullName != ControlService.Descriptor.FullName)
            .ThenBy(service => service.Name, StringComparer.Ordinal),
    ];

    public static JsonObject Write()
    {
        var comments = ProtoComments.Read();
        var schemas = new ApiSchemas(comments);
        var (paths, tags) = (new JsonObject(), new JsonArray());
        foreach (var service in Services)
        {
            tags.Add(new JsonObject { ["name"] = ApiOperation.TagOf(service), ["description"] = comments.Of(service) });
            foreach (var operation in service.Methods.SelectMany(rpc => ApiOperation.Of(rpc, schemas, comments)))
            {
                if (paths[operation.Path] is not JsonObject path)
                    paths[operation.Path] = path = [];
                path[operation.Method] = operation.Description;
            }
        }
        var components = schemas.Components;
        components[ApiOperation.Error] = Error();
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "ClipDistributed control API",
                ["version"] = ProgramVersion.Text,
                ["description"] = "Everything that clipd asks of a coordinator, as JSON over HTTP. The same calls are served as gRPC.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() }),
            ["tags"] = tags,
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = components,
                ["securitySchemes"] = new JsonObject
                {
                    ["token"] = new JsonObject
                    {
                        ["type"] = "http",
                        ["scheme"] = "bearer",
                        ["description"] = "Made by `clipd token create`; each call says its role.",
                    },
                },
            },
        };
    }

    /// <summary>google.rpc.Status.</summary>
    private static JsonObject Error() => new()
    {
        ["type"] = "object",
        ["description"] = "What is wrong with a refused call, google.rpc.Status.",
        ["properties"] = new JsonObject
        {
            ["code"] = new JsonObject { ["type"] = "integer", ["description"] = "A google.rpc.Code, such as 5, NOT_FOUND." },
            ["message"] = new JsonObject { ["type"] = "string", ["description"] = "What is wrong and what to do, a mistake a line." },
            ["details"] = new JsonObject
            {
                ["type"] = "array",
                ["description"] = "Of wrong input one google.rpc.BadRequest.",
                ["items"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject
                    {
                        ["@type"] = new JsonObject { ["type"] = "string" },
                        ["fieldViolations"] = new JsonObject
                        {
                            ["type"] = "array",
                            ["items"] = new JsonObject
                            {
                                ["type"] = "object",
                                ["properties"] = new JsonObject
                                {
                                    ["field"] = new JsonObject { ["type"] = "string", ["description"] = "As in `spec.batch.global`." },
                                    ["description"] = new JsonObject { ["type"] = "string" },
                                },
                            },
                        },
                    },
                },
            },
        },
    };
}
