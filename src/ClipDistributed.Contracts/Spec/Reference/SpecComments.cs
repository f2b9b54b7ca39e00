using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec.Reference;

/// <summary>
/// The comments of training_spec.proto. protoc writes them, with the rest of the file's descriptor, when the protos are compiled; the
/// descriptor that the generated classes hold has none.
/// </summary>
internal sealed class SpecComments
{
    private const string Resource = "training_spec.binpb", UnitMark = "Unit: ", NoUnit = "none";

    private readonly FileDescriptor file;

    private SpecComments(FileDescriptor file) => this.file = file;

    public static SpecComments Read()
    {
        using var stream = typeof(SpecComments).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {Resource}.");
        var set = FileDescriptorSet.Parser.ParseFrom(stream);
        return new SpecComments(FileDescriptor.BuildFromByteStrings(set.File.Select(one => one.ToByteString())).Single());
    }

    public string Of(MessageDescriptor message) => Meaning(Find(message).Declaration);

    public string Of(FieldDescriptor field) => Meaning(Find(field).Declaration);

    public string Of(EnumValueDescriptor value) =>
        Meaning(file.EnumTypes.Single(type => type.Name == value.EnumDescriptor.Name).FindValueByName(value.Name).Declaration);

    /// <returns>Null: the comment names none, or says that there is none.</returns>
    public string? UnitOf(FieldDescriptor field) => GivenUnitOf(field) is { } unit and not NoUnit ? unit : null;

    /// <returns>Null: the comment does not speak of a unit.</returns>
    internal string? GivenUnitOf(FieldDescriptor field) =>
        Lines(Find(field).Declaration).FirstOrDefault(IsUnit)?[UnitMark.Length..].TrimEnd('.');

    private MessageDescriptor Find(MessageDescriptor message) => file.MessageTypes.Single(found => found.Name == message.Name);

    private FieldDescriptor Find(FieldDescriptor field) => Find(field.ContainingType).FindFieldByName(field.Name);

    private static bool IsUnit(string line) => line.StartsWith(UnitMark, StringComparison.Ordinal);

    private static string Meaning(DescriptorDeclaration? declaration) =>
        string.Join(' ', Lines(declaration).Where(line => !IsUnit(line)));

    private static IEnumerable<string> Lines(DescriptorDeclaration? declaration) =>
        (declaration?.LeadingComments ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
