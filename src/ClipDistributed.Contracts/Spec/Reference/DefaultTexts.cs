using System.Collections;
using System.Globalization;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec.Reference;

/// <summary>
/// What a field holds where a spec leaves it out: read off the specs that <see cref="SpecDefaults"/> fills in, one for each preset, so that
/// no default stands in two places.
/// </summary>
internal sealed class DefaultTexts
{
    /// <summary>Shown for a field that the preset decides.</summary>
    public const string OfPreset = "of the preset";

    /// <summary>Shown for a field without which a spec, or the mapping that holds it, is refused.</summary>
    public const string Required = "required";

    /// <summary>Defaults that follow from other fields, by path.</summary>
    private static readonly Dictionary<string, string> Derived = new(StringComparer.Ordinal)
    {
        ["name"] = "run",
        ["run_directory"] = "runs/NAME",
        ["data.train"] = Required,
        ["data.train[].path"] = Required,
        ["data.train[].name"] = "end of path",
        ["evaluate.zeroshot.classes"] = Required,
        ["evaluate.zeroshot.templates"] = Required,
        ["replicas.max"] = "replicas.min",
    };

    private readonly TrainingSpec filled;
    private readonly IReadOnlyList<TrainingSpec> ofPresets;

    public DefaultTexts()
    {
        filled = Fill("");
        ofPresets = [.. ModelPresets.All.Select(preset => Fill(preset.Name))];
    }

    /// <summary>The defaults that this class states itself, which a test compares with what <see cref="SpecDefaults"/> fills in.</summary>
    internal static IReadOnlyDictionary<string, string> Stated => Derived;

    /// <summary>In a word or two.</summary>
    public string Of(FieldDescriptor field, string path)
    {
        if (Derived.TryGetValue(path, out string? derived))
            return derived;
        string? value = ValueAt(filled, path);
        if (value is null)
            return SpecValues.TakesAuto(field) ? SpecValues.Auto : "none";
        bool isOfPreset = path != "model.preset" && ofPresets.Any(other => ValueAt(other, path) != value);
        return isOfPreset ? OfPreset : value;
    }

    /// <summary>The consequence in words, for the fields that a full spec may leave open; null: the default says it.</summary>
    public string? LeftOut(FieldDescriptor field, string path)
    {
        bool isOpen = !Derived.ContainsKey(path) && ValueAt(filled, path) is null;
        if (!isOpen || !OpenFields.Meanings.TryGetValue(field.Name, out string? meaning))
            return null;
        return meaning.Split(": ", 2)[^1];
    }

    private static TrainingSpec Fill(string preset) => SpecDefaults.Fill(new TrainingSpec
    {
        Data = new DataSpec { Train = { new SourceSpec { Path = "shards" } } }, Model = new ModelSpec { Preset = preset },
    });

    /// <returns>As a spec has it; null: nothing is there.</returns>
    private static string? ValueAt(IMessage? message, string path)
    {
        object? value = message;
        foreach (string part in path.Split('.'))
        {
            if (value is not IMessage at)
                return null;
            var field = at.Descriptor.FindFieldByName(part.Replace("[]", "", StringComparison.Ordinal));
            value = field.HasPresence && !field.Accessor.HasValue(at) ? null : field.Accessor.GetValue(at);
            if (part.EndsWith("[]", StringComparison.Ordinal))
                value = ((IList)value!).Cast<object>().FirstOrDefault();
            else if (value is Enum)
                value = field.EnumType.FindValueByNumber((int)value) is { Number: > 0 } named ? EnumNames.Short(named) : null;
        }
        return Text(value);
    }

    private static string? Text(object? value) => value switch
    {
        null or "" or IList { Count: 0 } or IMessage => null,
        IList list => $"[{string.Join(", ", list.Cast<object>().Select(Text))}]",
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        // Digits in groups, as a spec may write them.
        uint or ulong => string.Create(CultureInfo.InvariantCulture, $"{value:N0}").Replace(',', '_'),
        _ => $"{value}",
    };
}
