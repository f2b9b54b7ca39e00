using ClipDistributed.Contracts.Protos;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Spec.Reference;

/// <summary>The comments of training_spec.proto, whose numbers have a line for their unit.</summary>
internal sealed class SpecComments
{
    private const string UnitMark = "Unit: ", NoUnit = "none";

    private readonly ProtoComments comments;

    private SpecComments(ProtoComments comments) => this.comments = comments;

    public static SpecComments Read() => new(ProtoComments.Read());

    /// <param name="described">A message, a field, or a value of an enum.</param>
    public string Of(IDescriptor described) => string.Join(' ', comments.LinesOf(described).Where(line => !IsUnit(line)));

    /// <returns>Null: the comment names none, or says that there is none.</returns>
    public string? UnitOf(FieldDescriptor field) => GivenUnitOf(field) is { } unit and not NoUnit ? unit : null;

    /// <returns>Null: the comment does not speak of a unit.</returns>
    internal string? GivenUnitOf(FieldDescriptor field) =>
        comments.LinesOf(field).FirstOrDefault(IsUnit)?[UnitMark.Length..].TrimEnd('.');

    private static bool IsUnit(string line) => line.StartsWith(UnitMark, StringComparison.Ordinal);
}
