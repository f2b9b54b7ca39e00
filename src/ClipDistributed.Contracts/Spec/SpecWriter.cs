using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec;

/// <summary>Writes a <see cref="TrainingSpec"/> as the YAML that <see cref="SpecReader"/> reads back to the same message.</summary>
public static partial class SpecWriter
{
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(TrainingSpec spec)
    {
        var text = new StringBuilder();
        Append(text, spec, "", "");
        return text.ToString();
    }

    /// <param name="first">What comes before the first line instead of <paramref name="indent"/>.</param>
    private static void Append(StringBuilder text, IMessage message, string first, string indent)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            object value = field.Accessor.GetValue(message);
            if (field.IsRepeated ? ((IList)value).Count == 0 : field.HasPresence ? !field.Accessor.HasValue(message) : IsEmpty(field, value))
                continue;
            text.Append(first).Append(field.Name).Append(':');
            first = indent;
            if (field.IsRepeated)
                AppendList(text, (IList)value, field, indent);
            else if (value is IMessage child)
                AppendChild(text, child, $"{indent}  ");
            else
                text.Append(' ').Append(Scalar(field, value)).Append('\n');
        }
    }

    private static void AppendChild(StringBuilder text, IMessage child, string indent)
    {
        int length = text.Append('\n').Length;
        Append(text, child, indent, indent);
        if (text.Length == length)
            text.Insert(length - 1, " {}");
    }

    private static void AppendList(StringBuilder text, IList items, FieldDescriptor field, string indent)
    {
        if (field.FieldType != FieldType.Message)
        {
            text.Append($" [{string.Join(", ", items.Cast<object>().Select(item => Scalar(field, item)))}]\n");
            return;
        }
        text.Append('\n');
        foreach (IMessage item in items)
        {
            int length = text.Length;
            Append(text, item, $"{indent}  - ", $"{indent}    ");
            if (text.Length == length)
                text.Append($"{indent}  - {{}}\n");
        }
    }

    private static bool IsEmpty(FieldDescriptor field, object value) => field.FieldType switch
    {
        FieldType.Message => value is null,
        FieldType.String => (string)value == "",
        FieldType.Enum => (int)value == 0,
        _ => false,
    };

    private static string Scalar(FieldDescriptor field, object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        string text => PlainText().IsMatch(text) && !OtherMeaning().IsMatch(text) ? text : JsonSerializer.Serialize(text, Quoted),
        Enum => EnumNames.Short(field.EnumType.FindValueByNumber((int)value)),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"The spec has a value of type {value.GetType()}, which no writer knows."),
    };

    [GeneratedRegex(@"^(\.{0,2}/|[A-Za-z_])[A-Za-z0-9_/.@+-]*(:/[A-Za-z0-9_/.@+-]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainText();

    /// <summary>What some reader of YAML takes for something else than text.</summary>
    [GeneratedRegex(@"^(null|true|false|yes|no|on|off|y|n|auto)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OtherMeaning();
}
