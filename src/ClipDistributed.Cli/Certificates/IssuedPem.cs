namespace ClipDistributed.Cli.Certificates;

/// <summary>A certificate and its private key, PEM. As text it has neither.</summary>
internal sealed record IssuedPem(string Certificate, string Key)
{
    public override string ToString() => nameof(IssuedPem);
}
