namespace ClipDistributed.Contracts.Spec.Text;

/// <summary>The text is not YAML, or a part of YAML that no spec needs; the message begins with the place.</summary>
internal sealed class SpecSyntaxException(string error) : Exception(error);
