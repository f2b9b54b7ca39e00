using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Control.V1;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Coordinator.Links;

/// <summary>What a call is about: what its path names, else what the response says was made.</summary>
internal static partial class AuditTarget
{
    /// <param name="request">Null: it is a stream.</param>
    /// <param name="response">Null: the call failed, or is a stream.</param>
    /// <returns>Empty: it is not known.</returns>
    public static string Of(MethodDescriptor method, object? request, object? response)
    {
        if (request is IMessage asked && FieldOf(method) is { Length: > 0 } field)
            return Text(asked, field);
        return response switch
        {
            CreateTokenResponse made => made.Token.TokenId,
            IMessage made => Text(made, "run_id"),
            _ => "",
        };
    }

    /// <summary>The field of the request that names it; empty: none does.</summary>
    public static string FieldOf(MethodDescriptor method)
    {
        var http = method.GetOptions()?.GetExtension(AnnotationsExtensions.Http);
        string path = http is null ? "" : http.Get + http.Post + http.Put + http.Patch + http.Delete;
        return Variable().Match(path).Groups[1].Value;
    }

    private static string Text(IMessage message, string field) =>
        message.Descriptor.FindFieldByName(field) is { FieldType: FieldType.String, IsRepeated: false } found
            ? (string)found.Accessor.GetValue(message) : "";

    [GeneratedRegex(@"\{(\w+)")]
    private static partial Regex Variable();
}
