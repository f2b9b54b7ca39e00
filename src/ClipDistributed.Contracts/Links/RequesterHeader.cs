namespace ClipDistributed.Contracts.Links;

/// <summary>The header in which a client of the control API says on whose behalf it asks, UTF-8.</summary>
public static class RequesterHeader
{
    public const string Name = "clipd-user-bin";
}
