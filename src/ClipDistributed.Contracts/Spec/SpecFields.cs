using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec;

/// <summary>The fields of a spec and where they are.</summary>
internal static class SpecFields
{
    /// <summary>Where else in a spec a key of this name belongs, as in <c>optimizer.lr</c>; null: nowhere, or in several places.</summary>
    public static string? PathOf(string key)
    {
        string[] found = [.. Paths(TrainingSpec.Descriptor, "").Where(path => path.EndsWith($".{key}", StringComparison.Ordinal)).Take(2)];
        return found.Length == 1 ? found[0] : null;
    }

    /// <summary>As in <c>keys: min, max</c>.</summary>
    public static string Keys(MessageDescriptor message) =>
        $"keys: {string.Join(", ", message.Fields.InDeclarationOrder().Select(field => field.Name))}";

    private static IEnumerable<string> Paths(MessageDescriptor message, string path) =>
        message.Fields.InDeclarationOrder().SelectMany(field => field.FieldType == FieldType.Message && !field.IsRepeated
            ? Paths(field.MessageType, $"{path}{field.Name}.").Prepend($"{path}{field.Name}")
            : [$"{path}{field.Name}"]);
}
