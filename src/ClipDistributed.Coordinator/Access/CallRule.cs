using System.Reflection;
using System.Runtime.CompilerServices;
using ClipDistributed.Contracts.Control.V1;
using Google.Api;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Endpoint = Microsoft.AspNetCore.Http.Endpoint;

namespace ClipDistributed.Coordinator.Access;

/// <summary>What a call requires, as its proto says.</summary>
/// <param name="Role">The least one; null: everyone may make it.</param>
/// <param name="Method">Null: it is none of the protos, such as a page.</param>
internal sealed record CallRule(Role? Role, MethodDescriptor? Method)
{
    private static readonly ConditionalWeakTable<Endpoint, CallRule> Known = []; // for as long as its application is there

    /// <summary>It may stay open for days, and ends with its token.</summary>
    public bool IsStream => Method is { IsServerStreaming: true } or { IsClientStreaming: true };

    /// <summary>It is to change something.</summary>
    public bool IsChange =>
        Role is Contracts.Control.V1.Role.Operator or Contracts.Control.V1.Role.Admin
        && Method?.GetOptions().GetExtension(AnnotationsExtensions.Http) is var http && http is null or { Get: "" };

    public static CallRule Of(Endpoint endpoint) => Known.GetValue(endpoint, static place => Read(place));

    /// <summary>Of a method whose proto says nothing: an admin.</summary>
    public static CallRule Of(MethodDescriptor method) =>
        new(method.GetOptions()?.GetExtension(AccessExtensions.Role) is { } role && role != Contracts.Control.V1.Role.Unspecified
            ? role : Contracts.Control.V1.Role.Admin, method);

    private static CallRule Read(Endpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null)
            return new CallRule(null, null); // of the latter, the pages ask who is signed in
        if (endpoint.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is { } json)
            return Of(json.MethodDescriptor);
        if (endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is { } grpc)
            return Find(grpc) is { } method ? Of(method) : new CallRule(Contracts.Control.V1.Role.Admin, null);
        return new CallRule(Contracts.Control.V1.Role.Viewer, null); // pages and metrics
    }

    private static MethodDescriptor? Find(GrpcMethodMetadata grpc)
    {
        BindServiceMethodAttribute? bound = null;
        for (var type = grpc.ServiceType; type is not null && bound is null; type = type.BaseType)
            bound = type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false);
        var service = bound?.BindType.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null);
        return (service as ServiceDescriptor)?.FindMethodByName(grpc.Method.Name);
    }
}
