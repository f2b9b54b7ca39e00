using System.Collections;
using System.Globalization;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec;

/// <summary>Fields in which two specs differ, each with both values as a spec has them.</summary>
public static class SpecDifferences
{
    private const string Absent = "not given";

    public static IReadOnlyList<SpecDifference> Find(TrainingSpec before, TrainingSpec now)
    {
        var found = new List<SpecDifference>();
        Compare(TrainingSpec.Descriptor, before, now, "", found);
        return found;
    }

    private static void Compare(MessageDescriptor message, IMessage? before, IMessage? now, string path, List<SpecDifference> found)
    {
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            object? old = Value(field, before), recent = Value(field, now);
            if (Equals(old, recent))
                continue;
            string name = path + field.Name;
            if (field is { FieldType: FieldType.Message, IsRepeated: false })
                Compare(field.MessageType, (IMessage?)old, (IMessage?)recent, $"{name}.", found);
            else if (field is { FieldType: FieldType.Message, IsRepeated: true }
                && old is IList { Count: > 0 } first && recent is IList second && first.Count == second.Count)
                CompareItems(field, first, second, name, found);
            else
                found.Add(new SpecDifference(name, Text(field, old), Text(field, recent)));
        }
    }

    private static void CompareItems(FieldDescriptor field, IList before, IList now, string path, List<SpecDifference> found)
    {
        for (int i = 0; i < before.Count; i++)
            Compare(field.MessageType, (IMessage)before[i]!, (IMessage)now[i]!, $"{path}[{i}].", found);
    }

    /// <summary>Null: it is not there.</summary>
    private static object? Value(FieldDescriptor field, IMessage? message) =>
        message is null || (field.HasPresence && !field.Accessor.HasValue(message)) ? null : field.Accessor.GetValue(message);

    private static string Text(FieldDescriptor field, object? value) => value switch
    {
        null or "" or IList { Count: 0 } => Absent,
        IList list when field.FieldType == FieldType.Message => $"{list.Count} of them",
        IList list => $"[{string.Join(", ", list.Cast<object>().Select(item => Text(field, item)))}]",
        Enum when field.EnumType.FindValueByNumber((int)value) is { Number: not 0 } named => EnumNames.Short(named),
        Enum => Absent,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"'{value}'",
    };
}

/// <param name="Field">As in <c>optimizer.lr</c>.</param>
public sealed record SpecDifference(string Field, string Before, string Now);
