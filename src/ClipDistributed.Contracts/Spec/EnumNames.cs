using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec;

/// <summary>Enum values as people write them: LOSS_SOFTMAX of enum Loss is <c>softmax</c>.</summary>
public static class EnumNames
{
    public static string Short(EnumValueDescriptor value)
    {
        string prefix = string.Concat(
            value.EnumDescriptor.Name.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{c}")).ToUpperInvariant() + "_";
        return value.Name[prefix.Length..].ToLowerInvariant();
    }
}
