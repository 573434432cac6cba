/** Who calls the embedded AWS, for the words at the start. */
export const CALLERS = `Callers of the embedded Secrets Manager, by access key id (any secret key):
  LOCALSERVICE  arn:aws:iam::111111111111:role/secret-access-service   this service: manages policies, never reads values
  LOCALOWNER    arn:aws:iam::111111111111:user/owner                   administrator of the owning account
  LOCALMARY     arn:aws:iam::123456789999:user/Mary                    another account
  LOCALAPP      arn:aws:iam::222222222222:role/app                     a third account`;
