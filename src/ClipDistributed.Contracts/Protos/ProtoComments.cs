using System.Globalization;
using Google.Protobuf.Reflection;

namespace ClipDistributed.Contracts.Protos;

/// <summary>
/// The comments of all protos. protoc writes them, with the rest of each file's descriptor, when the protos are compiled; the
/// descriptors that the generated classes hold have none.
/// </summary>
public sealed class ProtoComments
{
    private const string Ending = ".binpb";

    // Fields of FileDescriptorProto, DescriptorProto, EnumDescriptorProto and ServiceDescriptorProto: a place is a path of numbers.
    private const int Messages = 4, Enums = 5, Services = 6, NestedFields = 2, NestedMessages = 3, NestedEnums = 4, Values = 2, Methods = 2;

    private readonly Dictionary<(string File, string Place), string> comments = [];

    private ProtoComments()
    {
    }

    public static ProtoComments Read()
    {
        var read = new ProtoComments();
        var assembly = typeof(ProtoComments).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(Ending, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            foreach (var file in FileDescriptorSet.Parser.ParseFrom(stream).File)
                read.Add(file);
        }
        return read;
    }

    /// <param name="described">A message, field, enum, value, service or method.</param>
    /// <returns>None: it has no comment.</returns>
    public IReadOnlyList<string> LinesOf(IDescriptor described)
    {
        string place = string.Join('.', PlaceOf(described).Select(number => number.ToString(CultureInfo.InvariantCulture)));
        return comments.GetValueOrDefault((described.File.Name, place), "")
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>In one line; empty: it has none.</summary>
    public string Of(IDescriptor described) => string.Join(' ', LinesOf(described));

    private void Add(FileDescriptorProto file)
    {
        foreach (var location in file.SourceCodeInfo.Location.Where(location => location.HasLeadingComments))
            comments[(file.Name, string.Join('.', location.Path))] = location.LeadingComments;
    }

    private static IEnumerable<int> PlaceOf(IDescriptor described) => described switch
    {
        MessageDescriptor { ContainingType: { } outer } inner => PlaceOf(outer).Concat([NestedMessages, inner.Index]),
        MessageDescriptor message => [Messages, message.Index],
        FieldDescriptor field => PlaceOf(field.ContainingType).Concat([NestedFields, field.Index]),
        EnumDescriptor { ContainingType: { } outer } inner => PlaceOf(outer).Concat([NestedEnums, inner.Index]),
        EnumDescriptor type => [Enums, type.Index],
        EnumValueDescriptor value => PlaceOf(value.EnumDescriptor).Concat([Values, value.Index]),
        ServiceDescriptor service => [Services, service.Index],
        MethodDescriptor method => PlaceOf(method.Service).Concat([Methods, method.Index]),
        _ => throw new ArgumentException($"{described.FullName} has no place.", nameof(described)),
    };
}
