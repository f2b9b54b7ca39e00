using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec.Reference;

/// <summary>
/// Every field of a spec: its meaning from the proto's comment, its range from <see cref="SpecRange"/>, its default from
/// <see cref="SpecDefaults"/>.
/// </summary>
public sealed class SpecReference
{
    private readonly SpecComments comments = SpecComments.Read();
    private readonly DefaultTexts defaults = new();
    private readonly HashSet<string> paths = [.. AllPaths()];
    private readonly List<SectionReference> sections = [];

    private SpecReference() => Add(TrainingSpec.Descriptor, "");

    /// <summary>In the order of the proto, the top of the spec first.</summary>
    public IReadOnlyList<SectionReference> Sections => sections;

    /// <summary>Built from what the assembly holds.</summary>
    public static SpecReference Build() => new();

    /// <summary>Either the section or the field at a path such as <c>optimizer</c>, <c>batch.global</c> or
    /// <c>data.train[0].path</c>.</summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public (SectionReference? Section, FieldReference? Field) Find(string path)
    {
        string wanted = Plain(path);
        if (sections.Find(one => one.SamePaths.Prepend(one.Path).Any(known => Plain(known) == wanted)) is { } section)
            return (section, null);
        foreach (var (at, one) in sections.SelectMany(one => one.SamePaths.Prepend(one.Path).Select(at => (at, one))))
        {
            if (one.Fields.FirstOrDefault(field => Plain(Join(at, field.Name)) == wanted) is { } field)
                return (null, field with { Path = Join(at, field.Name) });
        }
        // At the same depth: batch would be near to batch.globl too.
        var known = sections.SelectMany(one => one.Fields).Select(field => field.Path).Where(one => Depth(one) == Depth(path));
        string? meant = SpecFields.PathOf(path) ?? Suggestion.Nearest(path, known);
        throw new BadInputException($"'{path}' is not a field of a spec; "
            + $"{(meant is null ? "" : $"did you mean {meant}? ")}clipd spec explain lists all of them.");
    }

    private void Add(MessageDescriptor message, string path)
    {
        var fields = message.Fields.InDeclarationOrder();
        var described = fields.Select(field => Describe(field, Join(path, field.Name)));
        sections.Add(new SectionReference(path, [], comments.Of(message), [.. described]));
        var types = new Dictionary<MessageDescriptor, int>();
        foreach (var field in fields.Where(field => field.FieldType == FieldType.Message))
        {
            string at = Join(path, field.Name) + (field.IsRepeated ? "[]" : "");
            if (types.TryGetValue(field.MessageType, out int index))
            {
                sections[index] = sections[index] with { SamePaths = [.. sections[index].SamePaths, at] };
                continue;
            }
            types[field.MessageType] = sections.Count;
            Add(field.MessageType, at);
        }
    }

    private FieldReference Describe(FieldDescriptor field, string path)
    {
        bool isNumber = field.FieldType is FieldType.UInt32 or FieldType.UInt64 or FieldType.Double;
        bool isSection = field.FieldType == FieldType.Message;
        return new FieldReference(
            path, field.Name, TypeOf(field, path), comments.UnitOf(field), isNumber ? SpecRange.Of(field).Text : null,
            isSection && !field.IsRepeated ? null : defaults.Of(field, path), defaults.LeftOut(field, path), comments.Of(field),
            field.FieldType == FieldType.Enum
                ? [.. field.EnumType.Values.Where(value => value.Number != 0).Select(value => (EnumNames.Short(value), comments.Of(value)))]
                : [],
            isSection ? path + (field.IsRepeated ? "[]" : "") : null);
    }

    private string TypeOf(FieldDescriptor field, string path)
    {
        string one = field.FieldType switch
        {
            FieldType.Message => "section",
            FieldType.String => paths.Contains(path) ? "path" : "text",
            FieldType.Bool => "true or false",
            FieldType.Double => "number",
            FieldType.Enum => string.Join(" or ", field.EnumType.Values.Where(value => value.Number != 0).Select(EnumNames.Short)),
            _ => "whole number",
        };
        string type = field.IsRepeated ? $"list of {one}s" : one;
        return SpecValues.TakesAuto(field) ? $"{type}, auto" : type;
    }

    private static IEnumerable<string> AllPaths() =>
        SpecPaths.Of(new TrainingSpec
        {
            Data = new DataSpec { Train = { new SourceSpec() } }, Model = new ModelSpec(),
            Evaluate = new EvaluateSpec { Zeroshot = new ZeroshotSpec() },
        }).Select(found => found.Key.Replace("[0]", "[]", StringComparison.Ordinal));

    /// <summary>An index, empty or not, and none name the same field.</summary>
    private static string Plain(string path) =>
        string.Join('.', path.Split('.').Select(part => part.Split('[')[0].Replace("_", "", StringComparison.Ordinal).ToLowerInvariant()));

    private static int Depth(string path) => path.Count(letter => letter == '.');

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
